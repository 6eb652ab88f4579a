"""Real PostgreSQL and Valkey servers as plain child processes: no root, no system packages, loopback only."""

from simulators.servers.child import ServerError
from simulators.servers.postgres import PostgresServer
from simulators.servers.valkey import ValkeyServer

__all__ = ["PostgresServer", "ServerError", "ValkeyServer"]
