"""Logs: to the journal by field where systemd runs us, readable in a terminal, one line of JSON an event elsewhere."""

import logging
import os
import sys

import structlog

from daemon.service.journal import FIELDS, SOCKET, JournalHandler, leads_to_journal

_SHARED = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=FIELDS),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure_logs(line: int, level: int = logging.INFO) -> None:
    """Send every log record of this process where it is read, each with its line."""
    root = logging.getLogger()
    root.handlers[:] = [_handler(line)]
    root.setLevel(level)


def _handler(line: int) -> logging.Handler:
    if leads_to_journal(sys.stderr, os.environ) and SOCKET.exists():
        return JournalHandler(line)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(line, people=sys.stderr.isatty()))
    return handler


def _formatter(line: int, *, people: bool) -> logging.Formatter:
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    tail: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not people:
        tail.append(structlog.processors.format_exc_info)

    def with_line(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        return {"line": line, **event}

    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*_SHARED, with_line], processors=[*tail, renderer])
