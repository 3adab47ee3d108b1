"""The model's builder: what it writes is committed, and its arithmetic keeps the promises of its docstring."""

import hashlib
import json

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the builder needs onnx and safetensors")
pytest.importorskip("safetensors", reason="the builder needs onnx and safetensors")

from tools.build_minilm import (
    FILES,
    TARGET,
    WEIGHT_LEVELS,
    quantized,
    tokenizer_bytes,
)  # after the skip above


def test_the_committed_sums_are_those_of_the_committed_files() -> None:
    lines = [line.split() for line in (TARGET / "SHA256SUMS").read_text().splitlines()]
    assert [name for _, name in lines] == list(FILES)
    for digest, name in lines:
        assert hashlib.sha256((TARGET / name).read_bytes()).hexdigest() == digest


def test_each_column_is_quantised_by_its_own_scale_within_half_a_step() -> None:
    weight = np.random.default_rng(3).normal(size=(64, 5)).astype(np.float32) * [1, 10, 0.1, 1e-6, 0]
    values, scale = quantized(weight.astype(np.float32), 0, WEIGHT_LEVELS)
    assert np.abs(values.astype(int)).max() == WEIGHT_LEVELS
    assert (np.abs(values * scale - weight) <= scale * 0.5001).all()


def test_two_products_never_saturate_sixteen_bits() -> None:
    assert 255 * WEIGHT_LEVELS * 2 < 2**15


def test_every_linear_weight_of_the_model_keeps_to_the_levels() -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(TARGET / "model.onnx"))
    linear = {node.input[1] for node in model.graph.node if node.op_type == "DynamicQuantizeMatMul"}
    weights = [numpy_helper.to_array(part) for part in model.graph.initializer if part.name in linear]
    assert len(weights) == 6 * 4
    assert max(int(np.abs(weight.astype(int)).max()) for weight in weights) == WEIGHT_LEVELS


def test_the_tokenizer_neither_pads_nor_cuts() -> None:
    built = json.loads(
        tokenizer_bytes(
            b'{"padding": {"strategy": "x"}, "truncation": {}, "model": {"vocab": {"\xc3\xa9": 1}}}'
        )
    )
    assert built == {"padding": None, "truncation": None, "model": {"vocab": {"é": 1}}}
