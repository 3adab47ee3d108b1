"""Embedders and chat models by the names that settings use; importing this package loads nothing heavy."""

from ragchat.models.embedder import Embedder, EmbedderSpec, Passage, PassageVectors, Vectors
from ragchat.models.loading import load_chat_model, load_embedder

__all__ = [
    "Embedder",
    "EmbedderSpec",
    "Passage",
    "PassageVectors",
    "Vectors",
    "load_chat_model",
    "load_embedder",
]
