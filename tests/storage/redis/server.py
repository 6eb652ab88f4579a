"""The Valkey these tests kill, freeze, fill and spoil: one for all of them, made well again before each."""

import time
from pathlib import Path
from typing import Any

import redis

from simulators.servers import ValkeyServer


class Server:
    def __init__(self, folder: Path) -> None:
        self._valkey = ValkeyServer.create(folder / "vk")
        self.secret_file = folder / "secret"
        self.secret_file.write_text(self._valkey.home.secret + "\n")
        self.start()
        with self.judge() as judge:
            self._users: object = judge.acl_list()

    @property
    def port(self) -> int:
        return self._valkey.home.port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._valkey.running

    def judge(self) -> "redis.Redis":
        made: redis.Redis = redis.Redis.from_url(self._valkey.url(), protocol=2)
        return made

    def start(self) -> None:
        self._valkey.start()
        with self.judge() as judge:
            answer: Any = judge.info("server")
        self._pid = int(answer["process_id"])

    def kill(self) -> None:
        self._valkey.kill()

    def restart(self) -> None:
        self.kill()
        self.start()

    def freeze(self) -> None:
        self._valkey.freeze()
        while not self.frozen:
            time.sleep(0.001)

    def thaw(self) -> None:
        self._valkey.thaw()

    @property
    def frozen(self) -> bool:
        status = Path(f"/proc/{self._pid}/stat").read_text()
        return status.rpartition(")")[2].split()[0] == "T"

    def heal(self) -> None:
        """Make it as new: running, empty, with room, and with the users it began with."""
        self.thaw()
        (self._valkey.home.folder / "dump.rdb").unlink(missing_ok=True)
        if not (self.running and self._has_its_users()):
            self.restart()
        with self.judge() as judge:
            judge.replicaof("NO", "ONE")
            judge.config_set("maxmemory", "0")
            judge.flushall()
            judge.config_resetstat()

    def _has_its_users(self) -> bool:
        try:
            with self.judge() as judge:
                return bool(judge.acl_list() == self._users)
        except redis.RedisError:
            return False

    def remove(self) -> None:
        self._valkey.remove()
