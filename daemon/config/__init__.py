"""The configuration of one line: what the machine is. The rules of the factory live in `system_config`, not here."""

from daemon.config.file import ConfigRefused, folder_faults, load_config, shadow_notes
from daemon.config.line import LineConfig
from daemon.config.parts import (
    CentralPart,
    ControlPart,
    HttpPart,
    PortPart,
    ScannerPart,
    SerialPart,
    ShadowPart,
    StationPart,
    StorePart,
    TesterPart,
)

__all__ = [
    "CentralPart", "ConfigRefused", "ControlPart", "HttpPart", "LineConfig", "PortPart", "ScannerPart", "SerialPart",
    "ShadowPart", "StationPart", "StorePart", "TesterPart", "folder_faults", "load_config", "shadow_notes",
]  # fmt: skip
