from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.gan.codes import LEAST, gaussian_codes, linear_codes  # noqa: E402
from mien.lab.gan.space import GaussianSpace, LinearSpace  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.runtime.expression_space import NEUTRAL  # noqa: E402


def draw(n: int, seed: int = 0) -> Draw:
    return Draw(torch.Generator().manual_seed(seed), n)


@pytest.mark.parametrize("dims", [2, 3])
def test_along_the_axis_as_strongly_as_it_says(dims: int) -> None:
    space = LinearSpace(SEVEN, dims)
    labels = torch.arange(7).repeat(40)
    asked = linear_codes(space, labels, draw(280), noise=0.0, free=0.0)
    neutral = labels == SEVEN.index(NEUTRAL)
    assert asked.codes[neutral].abs().max() == 0
    torch.testing.assert_close(asked.codes[~neutral].norm(dim=1), asked.strength[~neutral])
    along = torch.nn.functional.cosine_similarity(asked.codes[~neutral], space.places()[labels[~neutral]])
    torch.testing.assert_close(along, torch.ones(240))
    assert LEAST <= asked.strength[~neutral].min() < 0.25
    assert 0.95 < asked.strength[~neutral].max() <= 1
    assert asked.strength[neutral].max() <= LEAST
    asked.codes.sum().backward()
    assert space.axes.weight.grad is not None
    assert space.axes.weight.grad.abs().sum() > 0


def test_noise_has_its_deviation() -> None:
    space = LinearSpace(SEVEN, 2)
    labels = torch.full((4000,), SEVEN.index(NEUTRAL))
    codes = linear_codes(space, labels, draw(4000), noise=0.075, free=0.0).codes.detach()
    assert codes.std() == pytest.approx(0.075, rel=0.05)


@pytest.mark.parametrize("dims", [2, 3])
def test_free_samples_look_everywhere(dims: int) -> None:
    """In three dimensions on the whole sphere: the published code draws from an eighth of it."""
    space = LinearSpace(SEVEN, dims)
    asked = linear_codes(space, torch.zeros(1600, dtype=torch.int64), draw(1600), noise=0.075, free=0.3125)
    assert int(asked.free.sum()) == 500
    free = asked.codes[asked.free]
    torch.testing.assert_close(free.norm(dim=1), asked.strength[asked.free])
    assert (free / free.norm(dim=1, keepdim=True)).mean(0).abs().max() < 0.12
    assert bool((free < 0).any(0).all())


@pytest.mark.parametrize("dims", [2, 3])
def test_gaussian_codes_visit_every_place_and_the_square(dims: int) -> None:
    space = GaussianSpace(SEVEN, dims)
    asked = gaussian_codes(space, draw(400))
    torch.testing.assert_close(asked.codes[:7], space.places())
    assert asked.labels[:7].tolist() == list(range(7))
    assert asked.free.tolist() == [False] * 7 + [True] * 393
    rest = asked.codes[7:]
    assert rest.abs().max() <= 1
    assert rest.mean(0).abs().max() < 0.12
    assert rest.std(0).sub(3**-0.5).abs().max() < 0.05
    with pytest.raises(ValueError, match="6 faces for 7"):
        gaussian_codes(space, draw(6))
