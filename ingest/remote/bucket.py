"""An S3-compatible bucket as a source: `s3://bucket/prefix`. An object's ETag tells a change.

boto3 finds credentials, region and endpoint where every tool of AWS does (AWS_ACCESS_KEY_ID, profiles, roles,
AWS_ENDPOINT_URL_S3 for MinIO and others); none are taken from the address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Self
from urllib.parse import urlsplit

from ingest.extract import MAX_BYTES
from ingest.extract.formats import MEDIA_TYPES
from ingest.remote.brought import Brought
from ingest.remote.listed import Item, bring_items
from ingest.remote.mirror import Mirror
from ragchat.errors import DocumentFailed, UpstreamFailed, UsageError

_REFUSED: Final = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"})
_GONE: Final = frozenset({"NoSuchKey", "404"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects of a bucket whose keys begin with `prefix`."""

    name: str
    prefix: str = ""

    @classmethod
    def at(cls, address: str) -> Self:
        """Raises UsageError for what names no bucket."""
        parts = urlsplit(address)
        if not parts.netloc or "@" in parts.netloc or ":" in parts.netloc:
            raise UsageError(
                "That names no bucket that can be ingested.",
                hint="Write s3://bucket/prefix; credentials and AWS_ENDPOINT_URL_S3 come from the environment.",
                code="bad_source",
            )
        return cls(parts.netloc, address.partition("://")[2].partition("/")[2])

    @property
    def identity(self) -> str:
        return f"s3://{self.name}/{self.prefix}"

    def bring(self, mirror: Mirror, told: Callable[[int], None]) -> Brought:
        """See `ingest.remote.source`."""
        client = _client()
        sizes: dict[str, int] = {}
        items = self._items(client, sizes)

        def fetch(item: Item) -> bytes:
            return self._fetch(client, item, sizes[item.name])

        return bring_items(self.identity, items, fetch, mirror, told)

    def _items(self, client: Any, sizes: dict[str, int]) -> list[Item]:
        """What may be documents; names are keys behind the prefix's last folder."""
        from botocore.exceptions import BotoCoreError, ClientError  # late: an extra

        items: list[Item] = []
        start = self.prefix.rfind("/") + 1
        try:
            for page in client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self.prefix
            ):
                for row in page.get("Contents", ()):
                    name = row["Key"][start:]
                    if PurePosixPath(name).suffix.lower() in MEDIA_TYPES and not name.endswith("/"):
                        sizes[name] = row["Size"]
                        items.append(Item(name, row["ETag"].strip('"'), f"s3://{self.name}/{row['Key']}"))
        except ClientError as error:
            raise self._failed(_code(error)) from None
        except BotoCoreError as error:
            raise self._failed(type(error).__name__) from None
        return items

    def _fetch(self, client: Any, item: Item, size: int) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError  # late: an extra

        if size > MAX_BYTES:
            raise DocumentFailed(f"is {size:,} bytes, more than {MAX_BYTES:,}.", code="too_large")
        try:
            answer = client.get_object(Bucket=self.name, Key=item.uri.removeprefix(f"s3://{self.name}/"))
            content: bytes = answer["Body"].read(MAX_BYTES + 1)
        except (ClientError, BotoCoreError) as error:
            code = _code(error) if isinstance(error, ClientError) else type(error).__name__
            why = "is gone" if code in _GONE else f"could not be fetched ({code})"
            raise DocumentFailed(f"{why}.", code="unreachable") from None
        if len(content) > MAX_BYTES:
            raise DocumentFailed(f"is more than {MAX_BYTES:,} bytes.", code="too_large")
        return content

    def _failed(self, code: str) -> UpstreamFailed | UsageError:
        """No words of the service: they may repeat a key."""
        if code in _REFUSED or "Credentials" in code:
            return UsageError(
                f"s3://{self.name} cannot be listed: access was refused ({code}).",
                hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) of who may list and read it.",
                code="access_refused",
            )
        if code == "NoSuchBucket":
            return UsageError(
                f"There is no bucket {self.name}.", hint="Is AWS_ENDPOINT_URL_S3 right?", code="no_such_path"
            )
        return UpstreamFailed(
            f"s3://{self.name} could not be listed ({code}).", hint="Is AWS_ENDPOINT_URL_S3 right?"
        )


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))[:60]


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise UsageError(
            "Ingesting a bucket needs boto3, which is not installed.",
            hint="Install it with pip install 'ragchat[s3]'.",
            code="no_s3",
        ) from None
    try:
        return boto3.client(
            "s3", config=Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard"})
        )
    except (BotoCoreError, ValueError) as error:
        raise UsageError(
            f"The settings of AWS are not usable ({type(error).__name__}).",
            hint="Look at AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL_S3.",
            code="bad_source",
        ) from None
