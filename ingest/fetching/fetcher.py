"""One GET that cannot be led astray: public addresses only, each redirect looked at anew, size and time bounded.

The request goes to the address that was checked, with the name in Host and for TLS; proxies and cookies of the
environment are not used. A server that is busy (429, 503) is asked again as it says, within bounds.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx

from ingest.fetching.places import Forbidden, Resolve, place_of, resolved
from ingest.fetching.unpacking import ACCEPTED, PIECE, unpacked
from ragchat import __version__

AGENT: Final = f"ragchat/{__version__}"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BUSY: Final = frozenset({429, 503})
_PORTS: Final = {"http": 80, "https": 443}
# Requests name an IP, so a kept connection would serve every name there, its certificate checked for the first alone.
_NO_REUSE: Final = httpx.Limits(max_keepalive_connections=0)


class FetchFailed(Exception):
    """Nothing usable came; the message is for people, `code` one of: forbidden, unreachable, too_large, too_slow,
    redirects, bad_address."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one fetch, redirects and waiting included: bytes after decompression, seconds in all and of silence."""

    max_bytes: int = 64 * 1024 * 1024
    seconds: float = 60.0
    silence: float = 20.0
    redirects: int = 8
    retries: int = 3
    longest_wait: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came; `url` is where it came from in the end. `content` is empty unless `status` is 200."""

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def media_type(self) -> str:
        """Lower case, without parameters; "" when the server did not say."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Fetcher:
    """A context manager; for one thread. Only the hosts named in `private` may be machines of the own network: what a
    page links or redirects to is not trusted because its own site is."""

    private: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    resolve: Resolve = resolved
    sleep: Callable[[float], None] = time.sleep
    _client: httpx.Client | None = None

    def __enter__(self) -> Self:
        self._client = httpx.Client(
            trust_env=False, follow_redirects=False, timeout=self.limits.silence, limits=_NO_REUSE
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        within: Callable[[str], bool] | None = None,
    ) -> Fetched:
        """Raises FetchFailed. `within` is asked of every redirect's target; False ends the fetch (code "forbidden")."""
        deadline = time.monotonic() + self.limits.seconds
        for _ in range(self.limits.redirects + 1):
            answer = self._patiently(url, headers or {}, deadline)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            url = urljoin(url, target)
            if within is not None and not within(url):
                raise FetchFailed("forbidden", f"redirects to {url}, which is not part of the source")
        raise FetchFailed("redirects", f"redirects more than {self.limits.redirects} times")

    def _patiently(self, url: str, headers: Mapping[str, str], deadline: float) -> Fetched:
        for attempt in range(self.limits.retries + 1):
            answer = self._once(url, headers, deadline)
            wait = min(_wait_of(answer, attempt), self.limits.longest_wait)
            last = attempt == self.limits.retries or time.monotonic() + wait > deadline
            if answer.status not in _BUSY or last:
                return answer
            self.sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, url: str, headers: Mapping[str, str], deadline: float) -> Fetched:
        if self._client is None:
            raise RuntimeError("Fetcher is a context manager")
        target, host = self._target(url)
        self._client.cookies.clear()  # kept by IP: another name there would be sent them
        request = self._client.build_request(
            "GET",
            target,
            headers={"User-Agent": AGENT, "Accept-Encoding": ACCEPTED, **headers, "Host": host},
            extensions={"sni_hostname": urlsplit(url).hostname or ""},
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                content = self._read(response, deadline) if response.status_code == 200 else b""
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise FetchFailed(
                "too_slow", f"did not answer within {self.limits.silence:.0f} seconds"
            ) from error
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            raise FetchFailed("unreachable", f"could not be fetched: {error}") from error
        return Fetched(response.status_code, url, response.headers, content)

    def _target(self, url: str) -> tuple[str, str]:
        """The address with the looked-at IP in place of the name, and the value of Host."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise FetchFailed("bad_address", f"is no address: {error}") from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise FetchFailed("bad_address", "is no http or https address")
        if parts.username or parts.password:
            raise FetchFailed("bad_address", "has a user name or password in it")
        try:
            place = place_of(parts.hostname, port, self.resolve, allow_private=parts.hostname in self.private)
        except Forbidden as error:
            raise FetchFailed("forbidden", f"{error}") from error
        except (OSError, UnicodeError, ValueError) as error:
            raise FetchFailed("unreachable", f"{parts.hostname} has no address") from error
        literal = f"[{place}]" if ":" in place else place
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        host = name if port == _PORTS[parts.scheme] else f"{name}:{port}"
        return parts._replace(netloc=f"{literal}:{port}", fragment="").geturl(), host

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        packed = response.headers.get("content-encoding", "")
        for piece in unpacked(response.iter_raw(PIECE), packed):
            size += len(piece)
            if size > self.limits.max_bytes:
                raise FetchFailed("too_large", f"is larger than {self.limits.max_bytes:,} bytes")
            if time.monotonic() > deadline:
                raise FetchFailed("too_slow", f"took longer than {self.limits.seconds:.0f} seconds")
            pieces.append(piece)
        return b"".join(pieces)


def _wait_of(answer: Fetched, attempt: int) -> float:
    """Seconds: what Retry-After says (a number or a date), else 1, 2, 4 …"""
    told = answer.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return float(2**attempt)
    return max((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
