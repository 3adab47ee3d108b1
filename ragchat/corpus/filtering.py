"""What filters and views mean: which documents pass, when two values are equal, how two limits make one."""

import json
from collections.abc import Iterable
from dataclasses import replace

from ragchat.corpus.values import Filters, StoredDocument, View
from ragchat.documents import Scalar


def scalar_key(value: Scalar) -> str:
    """Equal scalars have equal keys: 1 and 1.0 are the same, "1" and true are others."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def both(filters: Filters, view: View) -> Filters:
    """What a caller asks for within what it may see."""
    return replace(filters, acl=common_tags(filters.acl, view.acl))


def common_tags(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Tags that both allow; None allows all."""
    if one is None or other is None:
        return other if one is None else one
    return tuple(tag for tag in one if tag in other)


def passes(document: StoredDocument, filters: Filters) -> bool:
    """Whether a document passes every part of `filters`."""
    return (
        (not filters.document_ids or document.id in filters.document_ids)
        and (not filters.uris or document.uri in filters.uris)
        and all(_has(document, name, values) for name, values in filters.metadata.items())
        and (filters.acl is None or not document.acl or not set(document.acl).isdisjoint(filters.acl))
    )


def _has(document: StoredDocument, name: str, values: Iterable[Scalar]) -> bool:
    if name not in document.metadata:
        return False
    return scalar_key(document.metadata[name]) in {scalar_key(value) for value in values}
