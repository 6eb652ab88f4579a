"""How long what is waited for: every time of a visit in one place."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds.

    With the stick: `look_s` between two looks at it; `settle_s` for the system to say that a stick which failed is
    gone, and for the work to notice that it is; `stuck_s` without a step of the work and an answer of the device:
    longer than the kernel tries a request again, and than the deadlines of mounting and unmounting.

    With a line that does not answer: `some_s` while others answer, `all_s` while none does, as it may be starting;
    `again_s` where it was lost within its export; `told_s` until it hears what came of the visit; `again_look_s`
    between two tries.
    """

    look_s: float = 0.2
    settle_s: float = 2.0
    stuck_s: float = 200.0
    some_s: float = 3.0
    all_s: float = 20.0
    again_s: float = 30.0
    told_s: float = 20.0
    again_look_s: float = 0.5


USUAL: Final = Patience()
