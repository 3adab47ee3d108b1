"""One GET that cannot be led astray: where it connects to, what it follows, how much it takes."""

import gzip
import socket
import threading
import zlib
from ipaddress import ip_address

import pytest

from ingest.fetching import Fetcher, FetchFailed, Limits
from ingest.fetching.places import is_public, place_of
from tests.ingest.remote.conftest import Answer, Web

OWN = frozenset({"127.0.0.1"})


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
     "2001:0:0:0:0:0:80ff:fffe"],
)  # fmt: skip
def test_private_and_special_addresses_are_no_public_ones(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        place_of("two.example", 80, lambda *_: ["1.1.1.1", "127.0.0.1"], allow_private=False)


def test_private_addresses_are_fetched_only_when_allowed(web: Web) -> None:
    web.page("/", "hello")
    with Fetcher() as fetcher, pytest.raises(FetchFailed, match="private or local network") as raised:
        fetcher.get(f"{web.base}/")
    assert raised.value.code == "forbidden"
    assert web.asked == []
    with Fetcher(private=OWN) as fetcher:
        assert b"hello" in fetcher.get(f"{web.base}/").content


def test_the_connection_goes_to_the_address_that_was_looked_at_and_names_the_host(web: Web) -> None:
    """A name server that answers otherwise the second time is not asked a second time."""
    web.page("/", "hello")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    port = web.base.rpartition(":")[2]
    with Fetcher(private=frozenset({"docs.example"}), resolve=lambda *_: next(answers)) as fetcher:
        assert fetcher.get(f"http://docs.example:{port}/").status == 200
    assert next(answers) == ["127.0.0.2"]


def test_a_redirect_to_a_private_address_is_refused_though_the_site_itself_is_private(web: Web) -> None:
    web.answers["/"] = Answer(status=302, headers={"Location": "http://metadata.example/latest"})
    places = {"127.0.0.1": ["127.0.0.1"], "metadata.example": ["169.254.169.254"]}
    fetcher = Fetcher(private=OWN, resolve=lambda host, _: places[host])
    with fetcher, pytest.raises(FetchFailed, match=r"169\.254\.169\.254") as raised:
        fetcher.get(f"{web.base}/")
    assert raised.value.code == "forbidden"


def test_redirects_end_and_may_be_kept_within_the_source(web: Web) -> None:
    web.answers["/round"] = Answer(status=301, headers={"Location": "/round"})
    web.answers["/out"] = Answer(status=301, headers={"Location": "/elsewhere"})
    with Fetcher(private=OWN) as fetcher:
        with pytest.raises(FetchFailed, match="redirects more than"):
            fetcher.get(f"{web.base}/round")
        with pytest.raises(FetchFailed, match="not part of the source"):
            fetcher.get(f"{web.base}/out", within=lambda url: "elsewhere" not in url)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://h/x", "gopher://h/", "http://", "http://u:p@h/", "http://h:99999/"],
)
def test_only_plain_http_and_https_addresses_are_fetched(address: str) -> None:
    with Fetcher(resolve=lambda *_: ["1.1.1.1"]) as fetcher, pytest.raises(FetchFailed) as raised:
        fetcher.get(address)
    assert raised.value.code == "bad_address"


def test_a_body_that_unpacks_to_more_than_is_allowed_is_given_up(web: Web) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    web.answers["/"] = Answer(bomb, headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})
    limits = Limits(max_bytes=1_000_000)
    with Fetcher(private=OWN, limits=limits) as fetcher, pytest.raises(FetchFailed) as raised:
        fetcher.get(f"{web.base}/")
    assert raised.value.code == "too_large"


def test_a_body_that_is_no_gzip_is_told(web: Web) -> None:
    web.answers["/"] = Answer(zlib.compress(b"x")[:5], headers={"Content-Encoding": "gzip"})
    with Fetcher(private=OWN) as fetcher, pytest.raises(FetchFailed):
        fetcher.get(f"{web.base}/")


def test_a_server_that_drips_or_says_nothing_is_given_up() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []
    thread = threading.Thread(target=lambda: held.append(listening.accept()[0]), daemon=True)
    thread.start()
    limits = Limits(seconds=2, silence=0.2)
    with Fetcher(private=OWN, limits=limits) as fetcher, pytest.raises(FetchFailed) as raised:
        fetcher.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    assert raised.value.code == "too_slow"
    thread.join()
    for connection in (*held, listening):
        connection.close()


def test_a_busy_server_is_asked_again_as_it_says(web: Web) -> None:
    web.answers["/"] = Answer(status=503, headers={"Retry-After": "7"})
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        web.page("/", "hello")

    with Fetcher(private=OWN, sleep=sleep) as fetcher:
        assert fetcher.get(f"{web.base}/").status == 200
    assert slept == [7.0]


def test_a_busy_server_may_name_a_time(web: Web) -> None:
    web.answers["/"] = Answer(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    waited: list[float] = []
    with Fetcher(private=OWN, sleep=waited.append) as fetcher:
        assert fetcher.get(f"{web.base}/").status == 503
    assert set(waited) == {0.0}
