"""A server beyond loopback's trust: it asks for keys, and these are the keys that there are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from keyed_server import Keyed
from scripted_service import ScriptedService

from ragchat.access import SCOPES
from ragchat.access.store import KeyStore
from tests.support.serving import served


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Keyed]:
    service = ScriptedService(tmp_path, api_keys="required")
    with served(service) as base:
        yield Keyed(base, service, KeyStore(service.settings.keys_url))


@pytest.fixture(scope="module")
def keyed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """One server for many requests that change nothing."""
    service = ScriptedService(tmp_path_factory.mktemp("keyed"), api_keys="required", rate_limit_key="")
    with served(service) as base:
        yield Keyed(base, service, KeyStore(service.settings.keys_url))


@pytest.fixture(scope="module")
def bad_keys(keyed_once: Keyed) -> dict[str, str]:
    """Texts that let nobody in."""
    revoked = keyed_once.key("revoked", *SCOPES)
    keyed_once.store.revoke("revoked")
    past = datetime.now(UTC) - timedelta(seconds=1)
    good = keyed_once.key("good", *SCOPES)
    return {
        "unknown": "rck_0123456789ab_" + "x" * 43,
        "made up": "sk-anything",
        "of another key's secret": good[:-4] + "abcd",
        "revoked": revoked,
        "expired": keyed_once.key("expired", *SCOPES, expires=past),
    }
