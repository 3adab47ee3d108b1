"""The model's builder: what it writes is committed, and its arithmetic keeps the promises of its docstring."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the builder needs onnx and safetensors")
pytest.importorskip("safetensors", reason="the builder needs onnx and safetensors")

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))  # as when one of its scripts is run

from tools import build_minilm, build_reader  # noqa: E402 - after the skip above
from tools.onnx_building import WEIGHT_LEVELS, quantized, tokenizer_bytes  # noqa: E402

TARGETS = {build_minilm.TARGET: 6 * 4, build_reader.TARGET: 12 * 4 + 1}
"""Folders of the two models, and how many linear layers each has."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_committed_sums_are_those_of_the_committed_files(target: Path) -> None:
    lines = [line.split() for line in (target / "SHA256SUMS").read_text().splitlines()]
    assert [name for _, name in lines] == ["model.onnx", "tokenizer.json"]
    for digest, name in lines:
        assert hashlib.sha256((target / name).read_bytes()).hexdigest() == digest


def test_each_column_is_quantised_by_its_own_scale_within_half_a_step() -> None:
    weight = np.random.default_rng(3).normal(size=(64, 5)).astype(np.float32) * [1, 10, 0.1, 1e-6, 0]
    values, scale = quantized(weight.astype(np.float32), 0, WEIGHT_LEVELS)
    assert np.abs(values.astype(int)).max() == WEIGHT_LEVELS
    assert (np.abs(values * scale - weight) <= scale * 0.5001).all()


def test_two_products_never_saturate_sixteen_bits() -> None:
    assert 255 * WEIGHT_LEVELS * 2 < 2**15


@pytest.mark.parametrize(("target", "layers"), TARGETS.items(), ids=lambda value: getattr(value, "name", ""))
def test_every_linear_weight_of_the_models_keeps_to_the_levels(target: Path, layers: int) -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(target / "model.onnx"))
    linear = {node.input[1] for node in model.graph.node if node.op_type == "DynamicQuantizeMatMul"}
    weights = [numpy_helper.to_array(part) for part in model.graph.initializer if part.name in linear]
    assert len(weights) == layers
    assert max(int(np.abs(weight.astype(int)).max()) for weight in weights) == WEIGHT_LEVELS


def test_the_tokenizer_neither_pads_nor_cuts() -> None:
    built = json.loads(
        tokenizer_bytes(
            b'{"padding": {"strategy": "x"}, "truncation": {}, "model": {"vocab": {"\xc3\xa9": 1}}}'
        )
    )
    assert built == {"padding": None, "truncation": None, "model": {"vocab": {"é": 1}}}
