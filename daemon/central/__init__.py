"""A line's tie to the central server: the exchange, the claim on the line, and what is wrong with its address."""

from daemon.central.address import dsn_of
from daemon.central.check import central_faults, central_notes
from daemon.central.claim import LineTaken, refuse_second_daemon
from daemon.central.exchange import Central

__all__ = ["Central", "LineTaken", "central_faults", "central_notes", "dsn_of", "refuse_second_daemon"]
