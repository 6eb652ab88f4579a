import ssl
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from storage.redis.client import NoAnswer
from storage.redis.connecting import client_of
from storage.redis.place import Place
from tests.servers.fixtures import short_folder
from tests.storage.redis.conftest import Judge, Open
from tests.storage.redis.proxy import Proxy
from tests.storage.redis.server import Server


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://host", "begins with redis"),
        ("", "begins with redis"),
        ("host:6379", "begins with redis"),
        ("redis://user:secret@host", "holds no password"),
        ("redis://:secret@host", "holds no password"),
        ("redis://host?socket_timeout=9", "does not take socket_timeout"),
        ("unix:///run/redis.sock?password=x", "does not take password"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Place(url)


@pytest.mark.parametrize("url", ["redis://host", "rediss://line@host:6380/2?ssl_ca_certs=/a", "unix:///a/b?db=3"])
def test_every_way_to_a_server_is_taken(url: str) -> None:
    assert Place(url).url == url


async def test_the_database_of_the_url_is_used(server: Server, open_client: Open, judge: Judge) -> None:
    await open_client(f"{server.url}?db=3").ask(lambda redis: redis.set("a", "b"))
    assert judge.dbsize() == 0


async def test_the_password_comes_from_the_file_and_may_change(
    server: Server, open_client: Open, judge: Judge, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    client = open_client(password_file=file)
    judge.config_set("requirepass", "first")
    with pytest.raises(NoAnswer, match="cannot be read"):
        await client.ask(lambda redis: redis.ping())
    file.write_text("wrong\n")
    with pytest.raises(NoAnswer, match="refused the password"):
        await client.ask(lambda redis: redis.ping())
    file.write_text("first\n")
    assert await client.ask(lambda redis: redis.ping())


async def test_a_missing_password_is_said_in_plain_words(open_client: Open) -> None:
    client = open_client(password_file=None)
    with pytest.raises(NoAnswer, match="refused the password") as refused:
        await client.ask(lambda redis: redis.ping())
    assert "password file" in refused.value.todo


async def test_a_unix_socket_is_spoken_to_and_its_refusals_are_understood(
    server: Server, open_client: Open, tmp_path: Path
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    with short_folder() as folder:
        async with Proxy(server.port, path=folder / "s") as proxy:
            client, stranger = open_client(proxy.url), open_client(proxy.url, password_file=wrong)
            assert await client.ask(lambda redis: redis.echo("near")) == b"near"
            for _ in range(3):
                with pytest.raises(NoAnswer, match="refused the password"):
                    await stranger.ask(lambda redis: redis.ping())
            await client.aclose()
            await stranger.aclose()


async def test_the_user_of_the_url_signs_in_with_the_file(
    server: Server, open_client: Open, judge: Judge, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("pass/word@:%\n")
    judge.acl_setuser("line", enabled=True, passwords="+pass/word@:%", commands=["+ping"])
    async with Proxy(server.port) as proxy:
        client = open_client(proxy.url.replace("://", "://line@"), password_file=file)
        assert await client.ask(lambda redis: redis.ping())
        with pytest.raises(NoAnswer, match="does not let this user"):
            await client.ask(lambda redis: redis.get("a"))
        assert client.state.connected
        await client.aclose()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


@pytest.mark.skipif(not which("openssl"), reason="openssl makes the certificate")
async def test_tls_is_spoken_and_only_with_who_is_known(server: Server, open_client: Open, tmp_path: Path) -> None:
    key, certificate = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with Proxy(server.port, tls=context) as proxy:
        url = proxy.url.replace("redis:", "rediss:")
        client = open_client(f"{url}?ssl_ca_certs={certificate}")
        assert await client.ask(lambda redis: redis.echo("safe")) == b"safe"
        await client.aclose()
        for stranger in (url, f"{url}?ssl_ca_certs={tmp_path / 'missing.pem'}"):
            with pytest.raises(NoAnswer, match="cannot be reached"):
                await open_client(stranger).ask(lambda redis: redis.ping())


async def test_tls_connections_share_one_context(tmp_path: Path) -> None:
    client = client_of(Place("rediss://127.0.0.1:1"), 0.1)
    pool: Any = client.connection_pool
    one, other = pool.make_connection(), pool.make_connection()
    assert one.ssl_context is other.ssl_context
    assert one.ssl_context.context is not None
    await client.aclose()
