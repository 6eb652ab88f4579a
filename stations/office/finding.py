"""Finding what a request names; what is not here is refused as not found."""

from stations.decide import Decider
from stations.gather import Glance, dossier_of, surroundings
from stations.office.naming import dashed, digits_of, fits, only_one
from stations.office.outcome import Desk, invalid, not_found
from stations.office.wording import one_line
from stations.rules.commands import Code, Meaning
from stations.rules.routing import STATIONS
from stations.rules.serials import normalise
from stations.rules.settings import Rules, read_rules
from stations.statecodec import StateCodec
from stations.workflow.state import StationState
from stations.workflow.turn import Dossier, Facts, TesterMode, Turn
from storage.records import Order, Pallet, Panel, RawFlash, User
from storage.sqlite.view import View

NO_CODE = Code(Meaning.UNKNOWN)
_LONGEST = 100
_MOST_WAITING = 10_000


def rules_in_force(view: View) -> Rules:
    """Read the rules as this transaction finds them."""
    return read_rules(view.config())[0]


def order_named(view: View, mo_number: str) -> Order:
    """Find an order by its MO number."""
    number = one_line("The order number", mo_number, _LONGEST)
    found = view.order_by_number(number)
    if found is None:
        raise not_found(f"There is no order {number}.", "List them: sunline order list.")
    return found


def panel_named(view: View, serial: str) -> Panel:
    """Find a panel by its serial, written in any case."""
    number = normalise(one_line("The serial", serial, _LONGEST))
    found = view.panel(number)
    if found is None:
        raise not_found(f"There is no panel {number} on this line.", "Check the serial.")
    return found


def pallet_numbered(view: View, number: str) -> Pallet:
    """Find a pallet by its number, written in any case."""
    given = one_line("The pallet number", number, _LONGEST)
    found = view.pallet(given) or view.pallet(normalise(given))
    if found is None:
        raise not_found(f"There is no pallet {given}.", "List them: sunline pallet list.")
    return found


def user_named(view: View, username: str) -> User:
    """Find a user by name."""
    name = one_line("The user name", username, _LONGEST)
    found = view.user_by_name(name)
    if found is None:
        raise not_found(f"There is no user {name}.", "List them: sunline user list.")
    return found


def station_numbered(number: int) -> int:
    """Check a station's number."""
    if number not in STATIONS:
        raise invalid(f"There is no station {number}.", f"Stations are {min(STATIONS)} to {max(STATIONS)}.")
    return number


def flash_of(view: View, text: str) -> RawFlash:
    """Find a flash by its id or a part of it: the beginning of any flash's, the end of one in the tray."""
    digits = digits_of("flash", text)
    found = view.raw_flashes_beginning(dashed(digits), 2)
    found = found or tuple(flash for flash, _ in view.tray(_MOST_WAITING) if fits(flash.uuid, digits))
    flash = only_one("flash", digits, found)
    if flash is None:
        raise not_found(f"There is no flash {text.strip()}.", "List those that wait: sunline flash tray.")
    return flash


def look_around(view: View, desk: Desk) -> Glance:
    """See the whole line as this transaction finds it."""
    around = surroundings(view, desk.place, desk.at)
    return Decider(around, TesterMode.LATE, StateCodec(), desk.ids).glance(view, desk.at)


def dossier_at(look: Glance, panel: Panel, station_number: int) -> Dossier:
    """Give everything known of a panel, as one station sees it."""
    state = look.states.get(station_number) or StationState(station_number)
    return dossier_of(look, state, panel)


def turn_about(look: Glance, desk: Desk, facts: Facts, station_number: int) -> Turn:
    """Put the step functions' question for a decision made at the desk."""
    state = look.states.get(station_number) or StationState(station_number)
    return Turn(state, facts, desk.at, desk.ids, NO_CODE)
