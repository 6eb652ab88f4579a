"""What a new store begins with: the factory's sample criteria and rules, all of them editable afterwards."""

from datetime import datetime
from typing import Final

from storage.records.batch import Record
from storage.records.things import ConfigEntry, Criterion, thing_uuid

_CRITERIA: Final[tuple[tuple[int, str, str, int | None], ...]] = (
    (1, "glass_placement", "Glass Placement", None),
    (1, "barcode_application", "Barcode Application", None),
    (1, "solder_joints", "Solder Joints", None),
    (1, "string_spacing", "String Spacing", None),
    (1, "polarity_check", "Polarity Check", None),
    (1, "mirror_examination", "Mirror Examination", 1),
    (2, "panel_trimming", "Panel Trimming", None),
    (2, "cleaning", "Cleaning", None),
    (2, "barcode_verification", "Barcode Verification", None),
    (2, "visual_inspection", "Visual Inspection", None),
    (3, "potting_gel_application", "Potting Gel Application", None),
    (3, "j_box_capping", "J-box Capping", None),
    (3, "pre_lamination_checks", "Pre-lamination Checks", None),
    (4, "manual_entry_pmax", "Manual Entry - Pmax", None),
    (4, "manual_entry_voc", "Manual Entry - Voc", None),
    (4, "manual_entry_isc", "Manual Entry - Isc", None),
    (4, "manual_entry_vmp", "Manual Entry - Vmp", None),
    (4, "manual_entry_imp", "Manual Entry - Imp", None),
    (4, "high_pot_test", "High Pot Test", None),
    (4, "second_el_test", "Second EL Test", 2),
)
"""Station, code, name, line (None: both)."""

_CONFIG: Final[tuple[tuple[str, str, str], ...]] = (
    ("default_pallet_size", "25", "Default number of panels per pallet"),
    ("mo_alert_threshold", "50", "Alert when MO has this many panels remaining"),
    ("line_1_panel_types", "36,40,60,72", "Panel types for Line 1"),
    ("line_2_panel_types", "144", "Panel types for Line 2"),
    ("beijing_delicacy_laser_enabled", "true", "Enable automatic electrical data capture"),
    ("max_rework_attempts", "3", "A panel may be reworked this often; the next FAIL is scrap"),
    ("arm_timeout_s", "120", "A flash without serial belongs to the armed panel for this many seconds"),
    ("allow_pending_electrical", "false", "Station 4 may pass a panel whose electrical values come later"),
    ("undo_window_s", "60", "A verdict can be taken back for this many seconds"),
    ("session_h", "10", "A sign-in ends after this many hours"),
)


def seed_records(site: str, now: datetime) -> tuple[Record, ...]:
    """Give the sample criteria and rules, under uuids that are the same on every line of a site."""
    return _criteria(site) + tuple(
        ConfigEntry(
            uuid=thing_uuid(site, ConfigEntry.KIND, key),
            config_key=key,
            config_value=value,
            description=description,
            updated_at=now,
        )
        for key, value, description in _CONFIG
    )


def _criteria(site: str) -> tuple[Record, ...]:
    place: dict[int, int] = {}
    found: list[Record] = []
    for station, code, name, line in _CRITERIA:
        place[station] = place.get(station, 0) + 1
        found.append(
            Criterion(
                uuid=thing_uuid(site, Criterion.KIND, f"{station}:{code}"),
                code=code,
                station_number=station,
                criterion_name=name,
                line_specific=line is not None,
                line_number=line,
                order_index=place[station],
            )
        )
    return tuple(found)
