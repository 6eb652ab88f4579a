"""The cable between line and server is pulled in mid catch-up: the line notices, and goes on when it is back."""

from pathlib import Path

import pytest

from simulators.servers import PostgresServer
from tests.servers.cable import Cable, Program

_LINE = """
    import asyncio, sys
    from pathlib import Path
    from storage.postgres.migrate import migrate
    from storage.sync import visit
    from tests.storage.sync.shift import SITE
    from tests.storage.sync.plant import carrying, compare, drained, line, until

    async def main(dsn, folder, panels, strikes):
        await migrate(dsn, site=SITE)
        async with line(Path(folder), panels=panels) as it:
            total = await it.waiting()
            async with carrying(it, dsn) as carrier:
                for left in range(strikes, 0, -1):
                    while await it.waiting() >= total * left // (strikes + 1):
                        await asyncio.sleep(0.001)
                    print("pull", flush=True)
                    await asyncio.to_thread(sys.stdin.readline)
                    await until(carrier, "central server")
                    print("plug", flush=True)
                    await asyncio.to_thread(sys.stdin.readline)
                await drained(carrier)
            await compare(dsn, it)
        print("same", flush=True)

    visit.BATCH = int(sys.argv[5])
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


@pytest.mark.parametrize(
    ("panels", "pulls", "batch"),
    [pytest.param(3, 1, 25, id="small"), pytest.param(400, 5, 500, id="full", marks=pytest.mark.faults)],
)
def test_a_pulled_cable_loses_and_doubles_nothing(
    tmp_path: Path, cable: Cable, far_postgres: PostgresServer, panels: int, pulls: int, batch: int
) -> None:
    arguments = (far_postgres.dsn(), str(tmp_path), str(panels), str(pulls), str(batch))
    with Program(cable.client, _LINE, *arguments) as far_line:
        for _ in range(pulls):
            assert far_line.heard() == "pull"
            cable.pull()
            far_line.say()
            assert far_line.heard() == "plug"
            cable.plug()
            far_line.say()
        assert far_line.heard() == "same"
