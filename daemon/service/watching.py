"""The pages of a line for machines that watch it."""

from collections.abc import Mapping

from daemon.control.face import LineFace
from daemon.service.exposition import CONTENT_TYPE
from daemon.service.metrics import Metrics
from daemon.service.pages import Make, Page, health
from daemon.service.tally import Tally
from daemon.service.words import line_words


def watch_pages(line: LineFace, tally: Tally) -> Mapping[str, Make]:
    """Give `/healthz`, which is well while the line takes scans, and `/metrics`."""
    metrics = Metrics(line, tally)

    def healthz() -> Page:
        place, standing = line.place, line.standing()
        return health(
            well=standing.store.state != "refusing", status=standing.store.state, site=place.site,
            line=place.line_number, says=line_words(line), version=standing.version,
        )  # fmt: skip

    return {"/healthz": healthz, "/metrics": lambda: Page(metrics.text(), content_type=CONTENT_TYPE)}
