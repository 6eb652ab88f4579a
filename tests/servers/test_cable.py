from simulators.servers import PostgresServer, ValkeyServer
from tests.servers.cable import Cable, Program


def test_a_client_notices_a_pulled_cable_and_is_back_when_it_is_plugged(
    cable: Cable, far_postgres: PostgresServer
) -> None:
    program = """
        import sys, time, psycopg
        dsn = sys.argv[1] + " tcp_user_timeout=4000 connect_timeout=3"
        with psycopg.connect(dsn, autocommit=True) as connection:
            print(connection.execute("SELECT 'here'").fetchone()[0], flush=True)
            sys.stdin.readline()
            started = time.monotonic()
            try:
                connection.execute("SELECT 1")
            except psycopg.OperationalError as error:
                print("lost", error.sqlstate, round(time.monotonic() - started, 1), flush=True)
        try:
            psycopg.connect(dsn)
        except psycopg.OperationalError:
            print("away", flush=True)
        sys.stdin.readline()
        with psycopg.connect(dsn) as connection:
            print(connection.execute("SELECT 'back'").fetchone()[0], flush=True)
    """
    with Program(cable.client, program, far_postgres.dsn()) as client:
        assert client.heard() == "here"
        cable.pull()
        client.say()
        lost = client.heard()
        assert lost.startswith("lost None")
        assert client.heard() == "away"
        cable.plug()
        client.say()
        assert client.heard() == "back"


def test_a_pulled_cable_does_not_reset_what_is_open(cable: Cable, far_valkey: ValkeyServer) -> None:
    program = """
        import sys, redis
        with redis.Redis.from_url(sys.argv[1], socket_timeout=60) as client:
            print(client.ping(), flush=True)
            sys.stdin.readline()
            print(client.ping(), client.info("clients")["connected_clients"], flush=True)
    """
    with Program(cable.client, program, far_valkey.url()) as client:
        assert client.heard() == "True"
        cable.pull()
        client.say()
        cable.plug()
        assert client.heard() == "True 1"
