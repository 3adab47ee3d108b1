"""What embedders and chat models by LangChain name share: names, keys, and one translation of provider errors.

A provider's exception is translated once, here, by its shape (`status_code`, `response.headers`), so that no provider
package is imported. Messages name the model and the status; they never carry the provider's text, which may echo a
key or a document.
"""

import os
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from ragchat.errors import NotReady, RagchatError, UpstreamFailed, UsageError

if TYPE_CHECKING:
    from pydantic import SecretStr

# Providers whose constructors ask for a key; others (ollama, bedrock, …) have none or their own credential chain.
KEY_VARIABLES: Final = {
    "openai": "OPENAI_API_KEY",
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PPLX_API_KEY",
    "together": "TOGETHER_API_KEY",
    "xai": "XAI_API_KEY",
}
_FAMILIES: Final = (
    ("gpt-", "openai"), ("chatgpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"),
    ("claude", "anthropic"), ("command", "cohere"), ("mistral", "mistralai"), ("ministral", "mistralai"),
    ("deepseek", "deepseek"), ("grok", "xai"), ("sonar", "perplexity"),
)  # fmt: skip
"""How the names of a provider's own models begin; names that several providers serve (gemini, llama) are left out."""
NO_KEY_NEEDED: Final = (
    "not-needed"  # what a local OpenAI-compatible server is sent where no key is configured
)

Model = TypeVar("Model")
Options: TypeAlias = dict[str, Any]  # constructor arguments of LangChain classes, which differ by provider


def provider_of(name: str, setting: str) -> str:
    """The part before the colon of "provider:model"; UsageError where there is none."""
    provider, _, model = name.partition(":")
    if not provider or not model:
        raise UsageError(
            f"{setting}={name!r} is not a model's name.",
            hint="Write provider:model, for example openai:gpt-4o-mini.",
            code="model_name",
        )
    return provider


def with_provider(name: str) -> str:
    """The name with its provider: a model whose name only one provider uses needs none ("gpt-4.1-mini")."""
    if ":" in name:
        return name
    provider = next((known for start, known in _FAMILIES if name.lower().startswith(start)), None)
    return f"{provider}:{name}" if provider else name


def openai_options(base_url: str | None, api_key: "SecretStr | None") -> Options:
    """Constructor arguments of langchain-openai's classes; the environment fills in what is not given."""
    base_url = base_url or os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")
    options: Options = {"base_url": base_url} if base_url else {}
    if api_key is not None:
        options["api_key"] = api_key
    elif base_url and not os.environ.get("OPENAI_API_KEY"):
        options["api_key"] = NO_KEY_NEEDED
    return options


_MOVED: Final = "Set the base URL to the address that it has now."


def at_home(model: object) -> None:
    """Lets an OpenAI client follow no redirects: what is sent holds the documents' words, and goes nowhere else.

    LangChain makes the HTTP clients; given ones of ours it left connections open when an agent was cancelled. A chat
    model holds OpenAI's clients, an embedder parts of them that lead there.
    """
    for name in ("root_client", "root_async_client", "client", "async_client"):
        inner = getattr(getattr(model, name, None), "_client", None)
        http = getattr(inner, "_client", inner)
        if http is not None and hasattr(http, "follow_redirects"):
            http.follow_redirects = False


def built(name: str, provider: str, setting: str, build: Callable[[], Model]) -> Model:
    """What `build` makes; what it raises becomes NotReady or UsageError with the next step.

    Constructors of two dozen provider packages raise what they like, hence the broad catch at this boundary.
    """
    try:
        return build()
    except RagchatError:
        raise
    except (
        ImportError,
        AttributeError,
    ) as error:  # AttributeError: a community class that moved to its own package
        package = _package_of(error, provider)
        raise NotReady(
            f"{setting}={name!r} needs the package {package}.",
            hint=f"Run: pip install {package}",
            code="provider_missing",
        ) from error
    except Exception as error:  # boundary: each provider has its own exceptions for settings that do not do
        raise _not_built(name, provider, setting, error) from error


def _package_of(error: Exception, provider: str) -> str:
    """LangChain's own message ends with the package to install; else its naming convention."""
    _, found, rest = str(error).partition("pip install ")
    return rest.split()[0].strip("`.'\"") if found and rest else f"langchain-{provider.replace('_', '-')}"


def _not_built(name: str, provider: str, setting: str, error: Exception) -> RagchatError:
    text = str(error).lower()
    if "is not supported" in text or "unsupported" in text or "unable to infer" in text:
        return UsageError(
            f"{setting}={name!r}: LangChain knows no provider {provider!r}.",
            hint="See LangChain's list of providers for init_chat_model and init_embeddings.",
            code="provider_unknown",
        )
    if any(word in text for word in ("api_key", "api key", "credential", "token")):
        variable = KEY_VARIABLES.get(provider, f"{provider.upper()}_API_KEY")
        return NotReady(
            f"{setting}={name!r} needs a key, and {variable} is not set.",
            hint=f"Set {variable}.",
            code="key_missing",
        )
    kind = type(error).__name__
    return NotReady(
        f"{setting}={name!r} could not be set up ({kind}).", hint="Check its settings.", code="model_setup"
    )


def upstream_failed(name: str, error: Exception) -> UpstreamFailed:
    """The provider's exception in our words, with what to set; `retryable` for time-outs, lost connections, 408,
    409, 429 and 5xx."""
    if (ours := _ours_in(error)) is not None:
        return ours
    status = status_of(error)
    kind = type(error).__name__.lower()
    if status is not None:
        return _of_status(name, status)
    if isinstance(error, TimeoutError) or "timeout" in kind:
        hint = "Try again later, or raise RAGCHAT_UPSTREAM_TIMEOUT."
        return UpstreamFailed(f"{name} did not answer in time.", hint=hint)
    if isinstance(error, OSError) or any(word in kind for word in _BROKEN):
        return UpstreamFailed(
            f"{name} cannot be reached, or the connection broke.",
            hint=f"Check the network and the base URL{_address_setting(name)}.",
        )
    if kind == "reported":
        return UpstreamFailed(
            f"{name} reported an error within its answer.", hint="Try again; the service's log says more."
        )
    return UpstreamFailed(
        f"{name} sent an answer that cannot be read ({type(error).__name__}).",
        hint="Check that the base URL is an API, not a web page.",
        retryable=False,
    )


_BROKEN: Final = ("connect", "protocol", "network", "readerror", "writeerror")
"""Words in the names of what providers' HTTP clients raise where a connection is none, or none any more."""


def _ours_in(error: BaseException | None) -> UpstreamFailed | None:
    """An error of ours that a provider's package has wrapped."""
    while error is not None:
        if isinstance(error, UpstreamFailed):
            return error
        error = error.__cause__
    return None


def _of_status(name: str, status: int) -> UpstreamFailed:
    key = KEY_VARIABLES.get(name.partition(":")[0], "the provider's key")
    match status:
        case 401 | 403:
            hint = f"Check the key and what it may use ({key})."
            return UpstreamFailed(f"{name} refused the key (HTTP {status}).", hint=hint, retryable=False)
        case 404:
            hint = f"Check the model's name and the base URL{_address_setting(name)}."
            return UpstreamFailed(f"{name} is not known there (HTTP 404).", hint=hint, retryable=False)
        case 429:
            return UpstreamFailed(f"{name} is asked too often (HTTP 429).", hint="Wait, or raise the quota.")
        case _ if 300 <= status < 400:
            told = f"{name} sends requests elsewhere (HTTP {status})."
            return UpstreamFailed(told, hint=_MOVED, retryable=False, code="redirected")
    retryable = status in (408, 409) or status >= 500
    hint = "Try again later." if retryable else "Check the model's name and the base URL."
    return UpstreamFailed(f"{name} answered HTTP {status}.", hint=hint, retryable=retryable)


def _address_setting(name: str) -> str:
    return " (RAGCHAT_OPENAI_BASE_URL)" if name.startswith("openai:") else ""


def status_of(error: Exception) -> int | None:
    """The HTTP status that a provider's exception carries, if any."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def retry_after(error: Exception) -> float | None:
    """Seconds that the service asks to wait (RFC 9110 10.2.3: a number or a date); None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    value = headers.get("retry-after") if headers is not None else None
    if not isinstance(value, str):
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
