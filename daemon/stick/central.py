"""The central server in place of a line, where a stick is plugged into the server's own computer.

Nothing is written there: such a stick gets every line anew at each visit, and what came of it stands in the journal.
"""

import logging
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from daemon.stick.decide import Heard
from daemon.stick.line import LineLost, Report
from daemon.stick.plan import Plan
from daemon.stick.sockets import identity
from drivers.stick import StickDevice, StickVolume
from storage.errors import CentralAway, CentralUnfit, StorageError
from storage.export.durable import Written
from storage.export.job import Source, formats_of
from storage.export.signing import KeySigner, Signer

log = logging.getLogger(__name__)

CONFIG: Final = Path("/etc/sunline/stick.toml")
_KEYS: Final = frozenset({"dsn_file", "sign_key"})
_NAME: Final = "The central server"


class CentralLine:
    """A Line that is the whole factory, read from PostgreSQL. Signed only with a key of one's own."""

    name = _NAME

    def __init__(self, dsn_file: Path, signer: Signer | None = None) -> None:
        self._dsn_file = dsn_file
        self._signer = signer
        self._stack = ExitStack()
        self._source: Callable[[Plan], Source] | None = None
        self._stick: Any = None

    def greet(self, device: StickDevice, volume: StickVolume) -> Heard:
        """As Line.greet."""
        from storage.postgres.link import read_dsn  # noqa: PLC0415 -- a line's PC has no use for PostgreSQL here
        from storage.postgres.sticks import known_stick  # noqa: PLC0415 -- as above

        try:
            self._stick = known_stick(read_dsn(self._dsn_file), **identity(device, volume))
        except StorageError as error:
            return Heard(self.name, absent=True, reason=str(error))
        if self._stick is None:
            return Heard(self.name, reason="Nobody enrolled it at a line that has told the server.")
        if not self._stick.active:
            return Heard(self.name, reason=f"It is called {self._stick.name} and was revoked.")
        return Heard(self.name, self._stick.uuid)

    def plan(self, stick_uuid: str, *, full: bool) -> Plan:
        """As Line.plan: always everything."""
        from daemon.export.central import CentralOrigin  # noqa: PLC0415 -- as above
        from daemon.export.plan import Wishes, job_of  # noqa: PLC0415 -- as above

        del full
        self._stack.close()
        try:
            origin = self._stack.enter_context(CentralOrigin.open(self._dsn_file, None, None, self._signer))
            wishes = Wishes(formats=formats_of(self._stick.takes), recipient=self._stick.recipient)
            job = replace(job_of(origin.begin(), wishes), exported_by=self._stick.enrolled_by)
        except (CentralAway, CentralUnfit) as error:
            may_return = isinstance(error, CentralAway)
            raise LineLost(f"{self.name}: {error}", running=not may_return, may_return=may_return) from error
        self._source = lambda plan: origin.source(plan.job)
        return Plan(export_uuid="", stick_uuid=stick_uuid, job=job)

    def source(self, plan: Plan) -> Source:
        """As Line.source."""
        if self._source is None:
            raise LineLost("Nothing was planned.", running=True, may_return=False)
        return self._source(plan)

    def wrote(self, plan: Plan, file: Written) -> None:
        """As Line.wrote: an interrupted visit is begun anew."""

    def tell(self, device: str, state: str, share: float) -> bool:
        """As Line.tell: the server has no screens."""
        del device, state, share
        return False

    def report(self, report: Report) -> bool:
        """As Line.report: the journal has it."""
        del report
        self._stack.close()
        return True


def central_line(config: Path = CONFIG) -> CentralLine | None:
    """Give the central server, where this computer's `stick.toml` says how to ask it; None where it does not."""
    try:
        said = tomllib.loads(config.read_text("utf-8"))
        if said.keys() - _KEYS or not isinstance(said.get("dsn_file"), str):
            log.error("%s: it has dsn_file, and sign_key where exports are to be signed, and nothing else.", config)
            return None
        signer = KeySigner.of_file(Path(said["sign_key"])) if "sign_key" in said else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, StorageError) as error:
        log.error("%s cannot be used: %s", config, error)
        return None
    return CentralLine(Path(said["dsn_file"]), signer)
