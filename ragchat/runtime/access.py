"""The settings to a gate: whose keys and tokens are believed, and whether any are asked for."""

from ragchat.access.gate import Asked, Gate
from ragchat.access.identity import Identities, Provider
from ragchat.access.store import KeyStore
from ragchat.settings import Settings, is_loopback


def gate_of(settings: Settings) -> Gate:
    """Who is let in, as the settings say."""
    identities = None
    if settings.jwt_issuer:
        identities = Identities(
            Provider(
                settings.jwt_issuer,
                settings.jwt_audience,
                settings.jwt_jwks,
                settings.jwt_algorithms,
                settings.jwt_groups_claim,
            )
        )
    return Gate(KeyStore(settings.keys_url), keys_asked(settings), identities)


def keys_asked(settings: Settings) -> Asked:
    """Whether callers must show a key."""
    if settings.api_keys != "auto":
        return "always" if settings.api_keys == "required" else "never"
    return "when_there_are_any" if is_loopback(settings.host) else "always"
