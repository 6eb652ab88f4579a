"""The hand of the tests inside the virtual machine: runs commands and moves files, over a virtual serial port."""

import base64
import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

PORT = "/dev/virtio-ports/sunline.tests"


def run(what: dict[str, Any]) -> dict[str, Any]:
    command = ["/bin/bash", "-c", what["run"]] if isinstance(what["run"], str) else what["run"]
    done = subprocess.run(
        command, input=what["stdin"].encode(), capture_output=True, timeout=what["timeout_s"], check=False,
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    said = {"out": done.stdout, "err": done.stderr}
    return {"code": done.returncode, **{name: data.decode(errors="replace") for name, data in said.items()}}


def until(what: dict[str, Any]) -> dict[str, Any]:
    end = time.monotonic() + what["timeout_s"]
    while True:
        done = run({"run": what["until"], "stdin": "", "timeout_s": what["timeout_s"]})
        if done["code"] == 0 or time.monotonic() > end:
            return done
        time.sleep(0.1)


def put(what: dict[str, Any]) -> dict[str, Any]:
    path = Path(what["put"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(what["data"]))
    path.chmod(what["mode"])
    return {"code": 0}


def get(what: dict[str, Any]) -> dict[str, Any]:
    return {"code": 0, "data": base64.b64encode(Path(what["get"]).read_bytes()).decode()}


def answer(what: dict[str, Any]) -> dict[str, Any]:
    doing = next(do for name, do in {"run": run, "until": until, "put": put, "get": get}.items() if name in what)
    try:
        return doing(what)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"code": 255, "out": "", "err": str(error)}


def say(port: BinaryIO, speaking: threading.Lock, what: dict[str, Any]) -> None:
    with speaking:
        port.write(json.dumps(what).encode() + b"\n")
        port.flush()


def serve(port: BinaryIO, speaking: threading.Lock, line: bytes) -> None:
    what = json.loads(line)
    say(port, speaking, {"id": what["id"], **answer(what)})


def main() -> None:
    descriptor = os.open(PORT, os.O_RDWR)
    speaking = threading.Lock()
    with os.fdopen(descriptor, "rb", closefd=False) as heard, os.fdopen(descriptor, "wb") as port:
        say(port, speaking, {"id": 0, "hello": Path("/proc/sys/kernel/random/boot_id").read_text().strip()})
        while line := heard.readline():
            threading.Thread(target=serve, args=(port, speaking, line), daemon=True).start()


main()
