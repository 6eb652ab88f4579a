"""Logs: one line an event on standard error, readable in a terminal, JSON for the journal."""

import logging
import sys

import structlog

_SHARED = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure_logs(line: int, level: int = logging.INFO) -> None:
    """Send every log record of this process to standard error, each with its line."""
    people = sys.stderr.isatty()
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    tail: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not people:
        tail.append(structlog.processors.format_exc_info)

    def with_line(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        return {"line": line, **event}

    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, with_line], processors=[*tail, renderer]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
