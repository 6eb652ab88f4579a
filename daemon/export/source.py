"""A running line as the source of an export: rows, sheets and signature over its control socket."""

import base64
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from daemon.control.client import ControlClient
from daemon.export.rows import LineRows
from daemon.export.sheets import papers
from storage.export.job import ExportJob, Source
from storage.export.manifest import moment
from storage.export.signing import statement

_NOBODY: Final = "The line gave no key."


def line_source(client: ControlClient, job: ExportJob) -> Source:
    """Give the source of a job; reading it raises ControlError where the line does not answer."""
    return Source(LineRows(client), papers(_sheets(client, job), job), LineSigner(client))


class LineSigner:
    """Has a line sign: its private key never leaves its daemon."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    @cached_property
    def public_key(self) -> bytes:
        """The line's key."""
        return base64.b64decode(self._client.call("export.key")["public_key"])

    def sign(self, manifest: bytes) -> bytes:
        """Ask for the signature."""
        said = self._client.call("export.sign", manifest=statement(manifest).decode("ascii"))
        return base64.b64decode(said["signature"])


def _sheets(client: ControlClient, job: ExportJob) -> Iterator[Mapping[str, Any]]:
    scope = job.scope
    return client.stream(
        "export.sheets", since=moment(scope.since), until=moment(scope.until), after_seq=scope.after_seq,
        upto_seq=scope.upto_seq,
    )  # fmt: skip
