"""The live picture of a demonstration: one box a line."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from daemon.demo.progress import Progress
from stations.rules.routing import STATIONS

_NARROW = 72


def picture(lines: Sequence[Progress], width: int) -> RenderableType:
    """Draw every line as it is now."""
    socket = lines[0].line.socket
    hint = Text(f" Watch a station in another terminal: sunline station 4 --socket {socket}", style="dim")
    return Group(*(_box(one, width) for one in lines), hint)


def _box(progress: Progress, width: int) -> Panel:
    line = progress.line
    bar = ProgressBar(total=line.panels, completed=progress.done, width=max(10, min(50, width - 40)))
    head = Table.grid(padding=(0, 2))
    head.add_row(bar, Text(f"{progress.done} of {line.panels} panels", style="bold"))
    parts: list[RenderableType] = [head, _ends(progress), _stations(progress, width)]
    parts += [Text(f"  {words}", style="dim", no_wrap=True, overflow="ellipsis") for words in progress.said]
    return Panel(Group(*parts), title=f"[bold]Line {line.number}[/]", title_align="left", border_style="cyan")


def _ends(progress: Progress) -> Text:
    text = Text()
    text.append(f"{progress.ends['finished']} finished  ", style="green")
    text.append(f"{progress.ends['scrapped']} scrap  ", style="red")
    text.append(f"{progress.ends['aside']} aside  ", style="yellow")
    text.append(f"{sum(progress.recovered.values())}/{sum(progress.faults.values())} faults recovered", style="dim")
    return text


def _stations(progress: Progress, width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for number, name in STATIONS.items():
        heard: Counter[str] = progress.verdicts.get(number, Counter())
        row = [
            Text(f"{number}", style="bold cyan"),
            Text(name if width >= _NARROW else ""),
            Text(progress.at.get(number, "·"), style="white"),
            Text(f"✔ {heard.get('good', 0)}", style="green"),
            Text(f"✘ {heard.get('bad', 0)}", style="red" if heard.get("bad") else "dim"),
        ]
        table.add_row(*row)
    return table
