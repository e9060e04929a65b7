"""The bundled model with fixed factors: the same weights, the same values, another way to them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from imagegen.media.cutout.models import CUTOUT_MODELS
from imagegen.media.cutout.scales import fields, with_fixed_scales

AS_PUBLISHED = CUTOUT_MODELS["u2netp"].path(Path()).read_bytes()
SIDE = 320


@pytest.fixture(scope="module")
def changed() -> bytes:
    return with_fixed_scales(AS_PUBLISHED, "input.1", SIDE)


def values(model: bytes, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    found: NDArray[np.float32] = session.run(["1959"], {"input.1": picture})[0]
    return found


def test_the_values_are_those_of_the_published_model(changed: bytes) -> None:
    picture = np.random.default_rng(0).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32)
    published = values(AS_PUBLISHED, picture)
    assert np.ptp(published) > 0.01, "the picture tells something"
    assert np.abs(values(changed, picture) - published).max() < 1e-5


def test_every_enlargement_has_its_factor_and_no_size(changed: bytes) -> None:
    factors = {}
    for tensor in of_graph(changed, 5):
        name, data = (dict(part[::2] for part in fields(tensor)).get(number, b"") for number in (8, 9))
        factors[name] = data
    nodes = [fields(node) for node in of_graph(changed, 1)]
    resized = [node for node in nodes if (4, 2, b"Resize") in node]
    inputs = [[value for number, _, value in node if number == 1] for node in resized]
    assert {len(names) for names in inputs} == {3}
    found = Counter(np.frombuffer(factors[names[2]], "<f4").tolist()[2] for names in inputs)
    assert found == {2: 34, 4: 1, 8: 1, 16: 1, 32: 1}


def test_no_weight_is_touched(changed: bytes) -> None:
    published, new = of_graph(AS_PUBLISHED, 5), of_graph(changed, 5)
    assert len(published) == 238
    assert new[: len(published)] == published
    assert len(new) == len(published) + 5


def test_what_needs_no_change_is_left_byte_by_byte() -> None:
    assert with_fixed_scales(AS_PUBLISHED, "no input of it", SIDE) == AS_PUBLISHED


def of_graph(model: bytes, wanted: int) -> list[bytes]:
    """All of one kind in the model's graph: 1 are nodes, 5 weights and other constants."""
    (graph,) = (value for number, _, value in fields(model) if number == 7)
    return [value for number, _, value in fields(graph) if number == wanted]
