"""The settings: one table of everything that can be configured, read once, from the environment and `.env`.

Only ragchat.runtime, ragchat.web and ragchat.cli may read it; the floors below take plain values. A key in the
environment alone never sends a document anywhere: a model is used only when RAGCHAT_CHAT_MODEL names it.
"""

import os
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ragchat.errors import UsageError

PREFIX = "RAGCHAT_"
HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
RATE = re.compile(r"[1-9]\d{0,8} ?(?:/|per) ?(?:second|minute|hour|day)")
JWT_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with a public key."""
COLLECTION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def seconds_of(value: object) -> object:
    """`90d`, `12h`, `30m` and `45s` are so many seconds; a bare number is seconds already."""
    written = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip()) if isinstance(value, str) else None
    if written is None:
        return value
    return float(written[1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[written[2]]


SITE_ORIGIN = re.compile(r"(?:[A-Za-z0-9_-]{1,100}=)?https?://[a-z0-9.-]+(?::\d{1,5})?")


class Settings(BaseSettings):
    """Every field is an environment variable `RAGCHAT_<NAME>`; see `.env.example` for one with all defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        frozen=True,
        populate_by_name=True,
    )

    index_dir: Path = Field(
        Path("indexes"), description="Where built indexes live, one folder per collection."
    )
    collection: str = Field("default", description="The collection used when none is named.")
    database_url: str = Field(
        "", description="SQLAlchemy URL for conversations. Empty: the file conversations.sqlite in INDEX_DIR."
    )
    conversation_ttl: Annotated[float, BeforeValidator(seconds_of)] = Field(
        0,
        ge=0,
        description="How long a conversation is kept after its last use, as in 90d or 12h; 0: for ever.",
    )
    conversation_wait: Annotated[float, BeforeValidator(seconds_of)] = Field(
        30,
        ge=0,
        description="How long a question waits for the answer before it in its conversation; then 409.",
    )
    history_messages: int = Field(
        12,
        ge=0,
        le=200,
        description="The most messages of a conversation that a question is understood from.",
    )
    history_tokens: int = Field(
        4_000, ge=0, description="About the most tokens of these messages, the latest first."
    )
    stream_grace: Annotated[float, BeforeValidator(seconds_of)] = Field(
        5,
        ge=0,
        description="How long an answer goes on when nobody reads it any more, so that a reader can come back.",
    )
    embeddings: str = Field(
        "local:minilm",
        description="Embedder: local:minilm (built in, offline) or provider:model (openai:text-embedding-3-small).",
    )
    chat_model: str = Field(
        "extractive",
        description="Answerer: extractive (no LLM: quotes the documents) or provider:model, as openai:gpt-4.1-mini.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=AliasChoices("openai_base_url", "OPENAI_BASE_URL", "RAGCHAT_OPENAI_BASE_URL"),
        description="Base URL of an OpenAI-compatible service (OPENAI_BASE_URL works too).",
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY", "RAGCHAT_OPENAI_API_KEY"),
        description="Its key (OPENAI_API_KEY works too).",
    )
    upstream_timeout: float = Field(
        60.0, gt=0, le=600, description="Seconds a model may take for one answer, retries included."
    )
    grounding: Literal["annotate", "strict"] = Field(
        "annotate",
        description="strict holds a sentence back until its citation is verified; annotate streams and marks.",
    )
    top_k: int = Field(5, ge=1, le=50, description="Passages that an answer may rest on.")
    reranker: str = Field(
        "local:minilm-l12",
        description="Second reader of the best blocks: local:minilm-l12 (in the package), llm (the chat model grades"
        " them), fastembed:<model>, or none.",
    )
    language: str = Field(
        "",
        description="Language of the documents for stemming and stop words (ISO 639-1: en, de, fr). Empty: that of the"
        " index, told by a sample of the files of a new one.",
    )
    unreadable_days: float = Field(
        7.0,
        ge=0,
        description="For how many days documents go on answering whose file is there and can no longer be read.",
    )
    split: str = Field(
        "auto",
        description="How documents are cut: auto, markdown, recursive, sentences, code or rows; for some files"
        " otherwise: auto, *.log=rows, faq/*=sentences.",
    )
    chunk_tokens: int = Field(
        190, ge=16, le=8192, description="The most tokens that a chunk holds; local:minilm reads 256."
    )
    chunk_overlap: int = Field(
        0, ge=0, description="Tokens that neighbouring chunks share (sentences and recursive)."
    )
    max_concurrent: int = Field(16, ge=1, description="Answers and searches worked on at the same time.")
    threads: int = Field(0, ge=0, description="Threads for embedding; 0: one per core.")
    widget_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma-separated origins whose pages may embed the widget, as https://shop.example or"
        " site=https://shop.example where the page names its site. Empty: none.",
    )
    flagged_words: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated words whose messages are answered and flagged by a step event."
    )
    blocked_words: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated words whose messages are not answered."
    )
    blocked_again: bool = Field(
        False,
        description="Ask a model once more whose answer holds a blocked word; answers then come whole.",
    )
    moderation_model: str = Field(
        "",
        description="Model that is asked first whether a message may be answered (openai:…); empty: none is.",
    )
    moderation_rule: str = Field(
        "", max_length=2_000, description="What else is not answered, in words for the moderation model."
    )
    agent_tools: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma-separated tools that agent mode may call beside its search: entry points of ragchat_tools.",
    )
    keep_generations: int = Field(2, ge=2, description="Index generations kept for rollback.")
    host: str = Field("127.0.0.1", description="Address that `ragchat serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `ragchat serve` listens on.")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma-separated names that requests may have as Host besides loopback's own: those of a proxy in"
        " front. Empty: on loopback only its own names, elsewhere any.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated origins whose pages may call the API from a browser."
    )
    api_keys: Literal["auto", "required", "open"] = Field(
        "auto",
        description="Whether callers must send a key. auto: beyond loopback, and wherever a key was ever made; open:"
        " whoever reaches the server reads every document.",
    )
    jwt_issuer: str = Field(
        "", description="Issuer of JWTs that name users (with JWT_AUDIENCE and JWT_JWKS)."
    )
    jwt_audience: str = Field("", description="Audience that JWTs must be meant for.")
    jwt_jwks: str = Field("", description="File or URL of the issuer's public keys (a JSON Web Key Set).")
    jwt_algorithms: Annotated[tuple[str, ...], NoDecode] = Field(
        ("RS256",),
        description="Comma-separated signature algorithms that JWTs may have; none with a shared secret.",
    )
    jwt_groups_claim: str = Field("groups", description="Claim of JWTs whose values are the caller's tags.")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma-separated networks (10.0.0.0/8) of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    rate_limit: str = Field(
        "30/minute",
        description="Questions of one user (else one address), or off. Whoever calls an open server from its"
        " own machine has none.",
    )
    rate_limit_key: str = Field("600/minute", description="Questions with one key, of all its users, or off.")
    redis_url: str = Field(
        "", description="redis://host:port/0 for limits and cached answers that several processes share."
    )
    workers: int = Field(
        1, ge=1, le=64, description="Processes of `ragchat serve`; MAX_CONCURRENT is shared out among them."
    )
    shutdown_grace: int = Field(
        10, ge=0, le=600, description="Seconds that open streams may go on after SIGTERM before they are cut."
    )
    slow_reader_seconds: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Seconds that a reader may take nothing of a stream before it is dropped.",
    )
    answer_cache: Literal["on", "off"] = Field(
        "on",
        description="Whether equal questions about an unchanged index are answered from memory or REDIS_URL.",
    )
    answer_cache_seconds: int = Field(3600, ge=1, description="How long a cached answer is good.")
    prompt_cache: Literal["on", "off"] = Field(
        "off",
        description="Whether a model's answer to an equal prompt is given again, also from a newer index.",
    )
    upload_limit: int = Field(
        50_000_000,
        ge=0,
        le=10_000_000_000,
        description="Most bytes of one upload over HTTP; 0: none are taken.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, JSON lines elsewhere."
    )

    @field_validator(
        "allowed_hosts",
        "cors_origins",
        "flagged_words",
        "blocked_words",
        "agent_tools",
        "jwt_algorithms",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def split_commas(cls, value: object) -> object:
        """`a, b` is two origins; JSON arrays are not asked of anyone who writes a .env file."""
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("allowed_hosts")
    @classmethod
    def bare_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Lower case, without brackets. ValueError for anything but a name: `https://…`, `name:port`, `*.name`."""
        for name in value:
            if not HOST_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a host name; write it without scheme, port and path")
        return tuple(name.strip("[]").lower() for name in value)

    @field_validator("jwt_algorithms")
    @classmethod
    def public_key_algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """ValueError for `HS256` and `none`: whoever can check such a token can also make one."""
        for name in value:
            if name not in JWT_ALGORITHMS:
                raise ValueError(f"{name!r} is none of {', '.join(JWT_ALGORITHMS)}")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """ValueError for what is no address or network."""
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("rate_limit", "rate_limit_key")
    @classmethod
    def rates(cls, value: str) -> str:
        """ValueError for what does not read like `30/minute`, `5 per second` or `1000/day`."""
        if value not in ("", "off") and not RATE.fullmatch(value):
            raise ValueError(f"{value!r} is neither off nor like 30/minute")
        return value

    @model_validator(mode="after")
    def whole_provider(self) -> Self:
        """ValueError for an issuer without audience or keys."""
        given = [bool(self.jwt_issuer), bool(self.jwt_audience), bool(self.jwt_jwks)]
        if any(given) and not all(given):
            raise ValueError("JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS go together")
        return self

    @field_validator("language")
    @classmethod
    def language_code(cls, value: str) -> str:
        """Lower case. ValueError for `german`, `de-DE` and what else is no code of two letters."""
        if not re.fullmatch("(?:[a-z]{2})?", value.lower()):
            raise ValueError(f"{value!r} is not two letters, as in de or en")
        return value.lower()

    @field_validator("collection")
    @classmethod
    def valid_collection(cls, value: str) -> str:
        return collection_name(value)

    @field_validator("widget_origins", mode="before")
    @classmethod
    def site_origins(cls, value: object) -> object:
        """As browsers send them. ValueError for a path, a wildcard or a missing scheme."""
        origins = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(origins, list | tuple):
            return value
        for one in filter(None, origins):
            if not SITE_ORIGIN.fullmatch(str(one)):
                raise ValueError(
                    f"{one!r} is not an origin, as https://shop.example or site=https://shop.example"
                )
        return tuple(filter(None, origins))

    @property
    def widget_sites(self) -> frozenset[tuple[str, str]]:
        """(site, origin) of every page that may embed the widget."""
        parted = (one.rpartition("=") for one in self.widget_origins)
        return frozenset((site or "default", origin) for site, _, origin in parted)

    @property
    def keys_url(self) -> str:
        """The URL of the database that keeps keys, with the default worked out."""
        return self.database_url or f"sqlite:///{(self.index_dir / 'keys.sqlite').absolute()}"

    @property
    def conversations_url(self) -> str:
        """The database URL in force, with the default worked out."""
        if self.database_url:
            return self.database_url
        return f"sqlite+aiosqlite:///{(self.index_dir / 'conversations.sqlite').absolute()}"


def collection_name(value: str) -> str:
    """`value` if it can name a collection (it becomes a folder name), else UsageError."""
    if COLLECTION_NAME.fullmatch(value):
        return value
    raise UsageError(
        f"{value!r} cannot name a collection.",
        hint="Use 1-63 lower-case letters, digits, - and _, starting with a letter or digit.",
        code="bad_collection_name",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and .env, with `overrides` (None means: not given) on top; UsageError if wrong."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        if not first["loc"]:  # several settings that do not go together
            message = first["msg"].removeprefix("Value error, ")
            raise UsageError(f"The settings are wrong: {message}.", code="bad_setting") from wrong
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(
            f"The setting {name} is wrong: {first['msg'].removeprefix('Value error, ')}.",
            hint="See `ragchat config --help` and .env.example for what it takes.",
            code="bad_setting",
        ) from wrong


def unknown_variables() -> list[str]:
    """RAGCHAT_ variables of the environment that mean nothing here, most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {"RAGCHAT_EVAL_DIR"}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
