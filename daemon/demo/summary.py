"""What a demonstration came to, read from the stores after everything has stopped."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles

from rich import box
from rich.table import Table

from daemon.demo.progress import Progress
from daemon.demo.setting import SITE, DemoLine
from stations.rules.routing import effective, fail_count
from storage.records import Panel, PanelStatus, Verdict
from storage.sqlite.store import Store
from storage.sqlite.view import View


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order at the end."""

    mo_number: str
    panel_type: str
    quantity: int
    completed: int
    scrapped: int
    status: str


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the factory at the end of a demonstration."""

    line: int
    planned: int
    known: int
    completed: int
    scrapped: int
    in_work: int
    held: int
    first_pass_yield: float
    final_yield: float
    results: int
    b_grades: int
    reworks: int
    flashes: int
    tray: int
    pallets: int
    orders: tuple[OrderLine, ...]
    scan_to_green_p50_ms: float
    scan_to_green_p99_ms: float
    scans_answered: int
    faults: dict[str, int]
    recovered: dict[str, int]
    complete: bool


def summarise(line: DemoLine, progress: Progress) -> Summary:
    """Read the store of a stopped line and put it beside what the stand-ins saw."""
    store = Store.open(line.store, site=SITE, line_number=line.number)
    try:
        return _summary(line, progress, store.view)
    finally:
        store.close()


def _summary(line: DemoLine, progress: Progress, view: View) -> Summary:
    panels = _all_panels(view)
    rows = {panel.uuid: view.results_of(panel.uuid) for panel in panels}
    counted = [row for one in rows.values() for row in effective(one)]
    completed = [panel for panel in panels if panel.status is PanelStatus.COMPLETED]
    scrapped = [panel for panel in panels if panel.status is PanelStatus.FAILED]
    first_pass = [panel for panel in completed if fail_count(rows[panel.uuid]) == 0]
    p50, p99 = percentiles(progress.latencies_ms)
    ended = len(completed) + len(scrapped)
    held = {hold.subject_uuid for hold in view.all_open_holds()} & {panel.uuid for panel in panels}
    clean = progress.people_exit == 0 and progress.daemon_exit == 0
    return Summary(
        line=line.number,
        planned=line.panels,
        known=len(panels),
        completed=len(completed),
        scrapped=len(scrapped),
        in_work=len(panels) - ended,
        held=len(held),
        first_pass_yield=len(first_pass) / ended if ended else 0.0,
        final_yield=len(completed) / ended if ended else 0.0,
        results=len(counted),
        b_grades=sum(row.result is Verdict.COSMETIC for row in counted),
        reworks=sum(row.result is Verdict.FAIL for row in counted),
        flashes=progress.flashes,
        tray=len(view.tray(10_000)),
        pallets=len(view.pallets(limit=10_000)),
        orders=_orders(view, line.number),
        scan_to_green_p50_ms=p50,
        scan_to_green_p99_ms=p99,
        scans_answered=len(progress.latencies_ms),
        faults=dict(progress.faults),
        recovered=dict(progress.recovered),
        complete=clean and len(panels) == line.panels and progress.finished <= {p.serial_number for p in completed},
    )


def _all_panels(view: View) -> list[Panel]:
    found: list[Panel] = []
    while page := view.panels(after_serial=found[-1].serial_number if found else "", limit=500):
        found.extend(page)
    return found


def _orders(view: View, line_number: int) -> tuple[OrderLine, ...]:
    lines = []
    for order in (one for one in view.orders() if one.line_number == line_number):
        counts = view.order_counts(order.uuid)
        row = (order.mo_number, order.panel_type, order.quantity, counts.completed, counts.scrapped, order.status.value)
        lines.append(OrderLine(*row))
    return tuple(lines)


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """Give the median and the 99th percentile; zeros when there is nothing."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[98]


def summary_json(summary: Summary) -> dict[str, object]:
    """Give a summary for machines."""
    return asdict(summary)


def summary_table(summary: Summary) -> Table:
    """Draw a summary for people."""
    table = Table(title=f"Line {summary.line}", box=box.ROUNDED, show_header=False, title_style="bold", min_width=60)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    ends = f"[green]{summary.completed} completed[/], [red]{summary.scrapped} scrap[/]"
    open_ = f", [yellow]{summary.in_work} in work ({summary.held} on hold)[/]" if summary.in_work else ""
    table.add_row("Panels", f"{summary.known} of {summary.planned}: {ends}{open_}")
    yields = f"[bold]{summary.first_pass_yield:.1%}[/] first pass, [bold]{summary.final_yield:.1%}[/] final"
    table.add_row("Yield", yields)
    verdicts = f"{summary.results} verdicts, {summary.reworks} to rework, {summary.b_grades} B grades"
    table.add_row("Work", verdicts)
    table.add_row("Flashes", f"{summary.flashes} flashed, {summary.tray} in the tray")
    for order in summary.orders:
        state = f"{order.completed} of {order.quantity} ({order.panel_type} cells), {order.status}"
        table.add_row(order.mo_number, state)
    table.add_row("Pallets", str(summary.pallets))
    speed = f"p50 {summary.scan_to_green_p50_ms:.2f} ms, p99 {summary.scan_to_green_p99_ms:.2f} ms"
    table.add_row("Scan to answer", f"{speed} over {summary.scans_answered} scans, every one on disk first")
    faults = ", ".join(f"{name} {summary.recovered.get(name, 0)}/{n}" for name, n in sorted(summary.faults.items()))
    table.add_row("Faults recovered", faults or "none injected")
    verdict = "[green]complete: every panel is accounted for[/]" if summary.complete else "[red]NOT COMPLETE[/]"
    table.add_row("Records", verdict)
    return table
