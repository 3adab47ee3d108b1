"""all-MiniLM-L6-v2 in float32 from plain ONNX operators: the reference that the shipped int8 graph is held against.

Needs tools/ among the places of imports, as the builders themselves have it.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from build_minilm import LAYERS
from onnx import TensorProto, helper
from onnx_building import HEADS, LAYER_NORM_EPSILON, Array, Graph, Weights

if TYPE_CHECKING:
    import onnxruntime


def _linear(graph: Graph, value: str, weights: Weights, name: str) -> str:
    product = graph.node("MatMul", [value, graph.constant(f"{name}.weight", weights[f"{name}.weight"].T)])
    return graph.node("Add", [product, graph.constant(f"{name}.bias", weights[f"{name}.bias"])])


def _norm(graph: Graph, values: list[str], weights: Weights, name: str) -> str:
    parts = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    inputs = [graph.node("Add", values), *parts]
    return graph.node("LayerNormalization", inputs, axis=-1, epsilon=LAYER_NORM_EPSILON)


def _heads(graph: Graph, value: str, weights: Weights, name: str, order: list[int]) -> str:
    split = graph.node("Reshape", [_linear(graph, value, weights, name), "heads"])
    return graph.node("Transpose", [split], perm=order)  # type: ignore[arg-type]  # a list is an attribute too


def _layer(graph: Graph, state: str, weights: Weights, layer: str) -> str:
    own = f"{layer}.attention.self"
    query = _heads(graph, state, weights, f"{own}.query", [1, 0, 2])
    key = _heads(graph, state, weights, f"{own}.key", [1, 2, 0])
    value = _heads(graph, state, weights, f"{own}.value", [1, 0, 2])
    scores = graph.node("Div", [graph.node("MatMul", [query, key]), "root"])
    mixed = graph.node("MatMul", [graph.node("Softmax", [scores], axis=-1), value])
    mixed = graph.node("Transpose", [mixed], perm=[1, 0, 2])  # type: ignore[arg-type]
    mixed = _linear(
        graph, graph.node("Reshape", [mixed, "width"]), weights, f"{layer}.attention.output.dense"
    )
    state = _norm(graph, [mixed, state], weights, f"{layer}.attention.output.LayerNorm")
    wide = graph.node("Gelu", [_linear(graph, state, weights, f"{layer}.intermediate.dense")])
    return _norm(
        graph,
        [_linear(graph, wide, weights, f"{layer}.output.dense"), state],
        weights,
        f"{layer}.output.LayerNorm",
    )


def float_session(weights: Weights) -> "onnxruntime.InferenceSession":
    """`input_ids` (tokens,) to `states` (tokens, 384)."""
    import onnxruntime

    graph = Graph()
    words: Array = weights["embeddings.word_embeddings.weight"]
    places = (
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    size = words.shape[1] // HEADS
    constants: dict[str, np.ndarray[Any, np.dtype[Any]]] = {
        "first": np.array([0], np.int64),
        "heads": np.array([-1, HEADS, size], np.int64),
        "width": np.array([-1, words.shape[1]], np.int64),
        "root": np.array(np.sqrt(size), np.float32),
        "words": words,
        "places": places,
    }
    for name, values in constants.items():
        graph.constant(name, values)
    length = graph.node("Shape", ["input_ids"])
    sum_of = [
        graph.node("Gather", ["words", "input_ids"]),
        graph.node("Slice", ["places", "first", length, "first"]),
    ]
    state = _norm(graph, sum_of, weights, "embeddings.LayerNorm")
    for number in range(LAYERS):
        state = _layer(graph, state, weights, f"encoder.layer.{number}")
    graph.nodes.append(helper.make_node("Identity", [state], ["states"]))
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])
    states = helper.make_tensor_value_info("states", TensorProto.FLOAT, ["tokens", words.shape[1]])
    body = helper.make_graph(graph.nodes, "float32", [ids], [states], graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
