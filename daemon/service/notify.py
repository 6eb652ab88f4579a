"""Telling the service manager: the datagrams of sd_notify(3)."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_LONGEST_STATUS: Final = 400


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The manager that started this process. `address` empty: there is none, and nothing is said.

    `watchdog_s`: how long the manager waits for a sign of life; 0: for ever.
    """

    address: str = ""
    watchdog_s: float = 0.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], pid: int | None = None) -> "ServiceManager":
        """Find the manager as sd_notify(3) and sd_watchdog_enabled(3) say."""
        meant_for = environment.get("WATCHDOG_PID", "")
        period = environment.get("WATCHDOG_USEC", "")
        watched = period.isdecimal() and meant_for in ("", str(pid or os.getpid()))
        return cls(environment.get("NOTIFY_SOCKET", ""), int(period) / 1e6 if watched else 0.0)

    def say(self, *assignments: str) -> bool:
        """Send `NAME=value` assignments in one datagram; say whether it went. Never waits, never raises."""
        if not self.address:
            return False
        where = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto("\n".join(assignments).encode(errors="backslashreplace"), socket.MSG_DONTWAIT, where)
        except OSError:
            return False
        return True


def status(words: str) -> str:
    """Give the assignment that has `systemctl status` say something: one line, not too long."""
    return f"STATUS={' '.join(words.split())[:_LONGEST_STATUS]}"
