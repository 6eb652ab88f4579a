"""A stand-in for the control server of a line, in a thread of its own: speaks the wire, knows no panel."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Body = dict[str, Any]
Answer = Callable[[Body], Any]


class Refusal(Exception):
    """Answer with an error."""

    def __init__(self, code: str, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "todo": todo}


class FakeLine:
    """`answers` maps an operation to its result, or to a function of the arguments. `hung` accepts and says nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Body]] = []
        self.hung = False
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._watchers: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._spawn(self._accept, self._listener)

    def stop(self) -> None:
        if self._listener is None:
            return
        for one in (self._listener, *self._open):
            _hang_up(one)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()
        self.path.unlink(missing_ok=True)
        self._listener, self._open, self._watchers, self._threads = None, [], [], []

    def push(self, view: Body) -> None:
        self.answers["station.watch"] = self.answers["station.view"] = view
        for watcher in self._watchers:
            watcher.sendall(json.dumps({"id": 1, "event": view}).encode() + b"\n")

    def ops(self) -> list[str]:
        return [op for op, _ in self.asked]

    def _spawn(self, work: Callable[[socket.socket], None], one: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(one,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            self._open.append(peer)
            self._spawn(self._serve, peer)

    def _serve(self, peer: socket.socket) -> None:
        with peer, peer.makefile("rb") as lines:
            try:
                for text in lines:
                    self._answer(json.loads(text), peer)
            except OSError:
                pass
        if peer in self._watchers:
            self._watchers.remove(peer)

    def _answer(self, request: Body, peer: socket.socket) -> None:
        op, args = request["op"], request["args"]
        self.asked.append((op, args))
        if self.hung:
            return
        body = self._body(op, args)
        if op == "station.watch" and body["ok"]:
            self._watchers.append(peer)
        peer.sendall(json.dumps({"id": request["id"], **body}).encode() + b"\n")

    def _body(self, op: str, args: Body) -> Body:
        try:
            if op not in self.answers:
                raise Refusal("unknown_op", f"There is no operation {op}.")
            answer = self.answers[op]
            result = answer(args) if callable(answer) else answer
            if isinstance(result, Refusal):
                raise result
        except Refusal as refusal:
            return {"ok": False, "error": refusal.error}
        return {"ok": True, "result": result}


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
