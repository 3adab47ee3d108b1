"""The error tree: every failure a user may meet, with a stable code and the next step.

    RagchatError
    ├── UsageError             wrong arguments or settings                     exit 2   HTTP 400/422
    ├── Unauthorized           no key, or one that is not good                exit 2   HTTP 401
    ├── Forbidden              the key does not reach this far                exit 2   HTTP 403
    ├── TooMany                a limit is reached; when to come again         exit 5   HTTP 429
    │   └── Busy               as many answers as fit are being made          exit 5   HTTP 503
    ├── NotReady               no index, no model, nothing published yet      exit 3   HTTP 503
    ├── IndexDamaged           a file or row is not what its manifest says    exit 3   HTTP 503
    │   └── WrongEmbedder      the index was built by another embedder or dimension
    ├── PublishRefused         gate, deletion guard or lock                   exit 4   HTTP 409
    │   └── WriterBusy         another ingest holds the writer lock
    ├── StorageFailed          disk full, read-only, I/O error                exit 3   HTTP 503
    ├── NotFound               the thing named does not exist                 exit 2   HTTP 404
    ├── DocumentFailed         one document could not be read; the run goes on
    └── UpstreamFailed         a model's service failed or cannot be reached  exit 5   HTTP 502

Only this module knows exit codes; only ragchat.web maps classes to HTTP status. Messages name the thing, what
was expected and the next step; they never hold a secret or an internal stack.
"""

from typing import ClassVar


class RagchatError(Exception):
    """Base of every expected failure.

    `code` is stable and machine-readable (snake_case), `hint` is the next step for a person (may be empty).
    """

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(RagchatError):
    """The request itself cannot be carried out as given."""

    exit_code = 2
    default_code = "usage"


class NotFound(RagchatError):
    """The document, collection, conversation or generation named does not exist."""

    exit_code = 2
    default_code = "not_found"


class Unauthorized(RagchatError):
    """Who asks did not show a key that is good: none, unknown, expired or revoked."""

    exit_code = 2
    default_code = "unauthorized"


class Forbidden(RagchatError):
    """Who asks is known, and may not do this: a scope, an origin."""

    exit_code = 2
    default_code = "forbidden"


class TooMany(RagchatError):
    """A limit is reached; `retry_after` is in seconds from now."""

    exit_code = 5
    default_code = "rate_limited"

    def __init__(self, message: str, *, retry_after: float, hint: str = "", code: str | None = None) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry_after = retry_after


class Busy(TooMany):
    """As many answers are being made as the server may make at once."""

    default_code = "busy"


class NotReady(RagchatError):
    """There is nothing to serve from yet: no index, no model."""

    exit_code = 3
    default_code = "not_ready"


class IndexDamaged(RagchatError):
    """A derived file or a row is not what the manifest says; rebuild or roll back."""

    exit_code = 3
    default_code = "index_damaged"


class WrongEmbedder(IndexDamaged):
    """Vectors in the index were made by another embedder, revision or dimension."""

    default_code = "wrong_embedder"


class StorageFailed(RagchatError):
    """The disk refused: full, read-only or failing."""

    exit_code = 3
    default_code = "storage_failed"


class PublishRefused(RagchatError):
    """The new generation was not published; the old one keeps serving."""

    exit_code = 4
    default_code = "publish_refused"


class WriterBusy(PublishRefused):
    """Another process holds the writer lock of this collection."""

    default_code = "writer_busy"


class DocumentFailed(RagchatError):
    """One document could not be read; `code` says why (encrypted, damaged, unsupported, too_large, timeout, ...)."""

    exit_code = 1
    default_code = "document_failed"


class UpstreamFailed(RagchatError):
    """A model's service failed; `retryable` tells whether the same call may succeed later."""

    exit_code = 5
    default_code = "upstream_failed"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, retryable: bool = True
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retryable = retryable
