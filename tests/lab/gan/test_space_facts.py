from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.lab.gan.space import GaussianSpace, LinearSpace  # noqa: E402
from mien.lab.gan.space_facts import space_facts  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402
from mien.runtime.expression_space import ExpressionSpace  # noqa: E402


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("kind", [LinearSpace, GaussianSpace])
def test_a_spec_tells_where_emotions_lie_without_torch(kind: type[LinearSpace | GaussianSpace], dims: int) -> None:
    torch.manual_seed(1)
    space = kind(SEVEN, dims)
    spec = ModelSpec("g", "ganmut_linear", (), 32, 32, space=space_facts(space))
    read = ExpressionSpace.from_spec(ModelSpec.from_json(spec.to_json()))
    assert read.emotions == SEVEN
    assert read.kind == json.loads(spec.to_json())["space"]["kind"]
    np.testing.assert_allclose(read.places, space.places().detach(), atol=1e-6)
    for name, intensity in (("fear", 1.0), ("sadness", 0.3), ("neutral", 0.0)):
        np.testing.assert_allclose(read.code(name, intensity), space.code(name, intensity).detach(), atol=1e-6)
    if isinstance(space, GaussianSpace):
        np.testing.assert_allclose(read.covariances, space.covariances().detach(), atol=1e-6)
