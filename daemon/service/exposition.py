"""The text format of Prometheus, version 0.0.4."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `suffix` is what a histogram puts behind the name."""

    value: float
    labels: Mapping[str, object] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, what kind of thing it counts and what it means."""

    name: str
    kind: Kind
    meaning: str


def exposed(values: Iterable[tuple[Metric, Iterable[Sample]]]) -> str:
    """Write metrics with their samples."""
    return "".join(line for metric, samples in values for line in _lines(metric, samples))


def _lines(metric: Metric, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.meaning)}\n# TYPE {metric.name} {metric.kind}\n"
    for sample in samples:
        labels = ",".join(f'{name}="{_quoted(str(value))}"' for name, value in sample.labels.items())
        yield f"{metric.name}{sample.suffix}{f'{{{labels}}}' if labels else ''} {sample.value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
