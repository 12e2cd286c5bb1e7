from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.gan.space import GaussianSpace, LinearSpace  # noqa: E402
from mien.labels import EMOTIONS, SEVEN  # noqa: E402


@pytest.mark.parametrize("dims", [2, 3])
def test_in_the_linear_space_length_is_intensity_and_neutral_the_origin(dims: int) -> None:
    space = LinearSpace(SEVEN, dims)
    assert torch.equal(space.code("neutral"), torch.zeros(dims))
    assert torch.equal(space.code("anger", 0.0), torch.zeros(dims))
    for name in SEVEN[:6]:
        assert space.code(name, 0.7).norm().item() == pytest.approx(0.7, abs=1e-6)
    with torch.no_grad():
        space.axes.weight[3] = torch.tensor([3.0, 4.0, 0.0][:dims])
    assert space.code("Happy").tolist()[:2] == pytest.approx([0.6, 0.8])


def test_axes_go_to_their_emotions_wherever_neutral_stands() -> None:
    space = LinearSpace(("neutral", "contempt", "anger"), 2)
    with torch.no_grad():
        space.axes.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
    assert space.directed == ("contempt", "anger")
    assert space.code("contempt").tolist() == [1, 0]
    assert space.code("anger").tolist() == [0, 1]
    assert space.places().tolist() == [[0, 0], [1, 0], [0, 1]]


def test_a_gaussian_space_starts_with_unit_covariances() -> None:
    space = GaussianSpace(SEVEN, 2)
    assert torch.equal(space.covariances(), torch.eye(2).expand(7, 2, 2))
    distances = space.distances(space.places())
    assert distances.diagonal().abs().max() < 1e-6
    away = space.places()[0] - space.places()[1]
    assert distances[0, 1].item() == pytest.approx(away.square().sum().item(), rel=1e-4)


def test_covariances_turn_and_stretch() -> None:
    space = GaussianSpace(SEVEN, 2)
    with torch.no_grad():
        space.angles[2] = math.pi / 2
        space.lengths[2] = torch.tensor([-4.0, 1.0])
    torch.testing.assert_close(space.covariances()[2], torch.diag(torch.tensor([1.0, 4.0])), atol=1e-6, rtol=0)
    two_off = space.places()[2] + torch.tensor([0.0, 2.0])
    assert space.distances(two_off[None])[0, 2].item() == pytest.approx(1.0, rel=1e-4)


def test_gaussian_codes_lie_between_neutral_and_the_mean() -> None:
    space = GaussianSpace(EMOTIONS, 3)
    mean = space.means[4].tanh()
    torch.testing.assert_close(space.code("sadness"), mean)
    torch.testing.assert_close(space.code("sadness", 0.5), (mean + space.means[6].tanh()) / 2)
    assert space.covariances().shape == (8, 3, 3)
    torch.testing.assert_close(space.covariances(), space.covariances().transpose(1, 2))


@pytest.mark.parametrize("dims", [2, 3])
def test_an_emotion_lies_nearest_to_its_own_place_however_its_covariance_grew(dims: int) -> None:
    """In three dimensions the published sum of a block and its transpose does not keep that."""
    torch.manual_seed(0)
    space = GaussianSpace(SEVEN, dims)
    with torch.no_grad():
        for p in space.parameters():
            p.add_(0.5 * torch.randn_like(p))
    distances = space.distances(space.places())
    assert distances.argmin(1).tolist() == list(range(7))
    assert distances.min() > -1e-4
    if dims == 3:
        assert torch.linalg.eigvalsh(space.covariances()).min() > 0
        torch.testing.assert_close(
            GaussianSpace(SEVEN, 3).covariances(), torch.eye(3).expand(7, 3, 3), atol=1e-3, rtol=0
        )
        summed = GaussianSpace(SEVEN, 3, "sum")
        torch.testing.assert_close(summed.covariances(), 2 * torch.eye(3).expand(7, 3, 3))


def test_refuses_what_it_does_not_know() -> None:
    with pytest.raises(MienError, match="knows no contempt"):
        LinearSpace(SEVEN, 2).code("contempt")
    with pytest.raises(MienError, match=r"intensity 1\.5"):
        LinearSpace(SEVEN, 2).code("fear", 1.5)
    with pytest.raises(MienError, match="2 or 3 coordinates"):
        LinearSpace(SEVEN, 4)
    with pytest.raises(MienError, match="neutral is missing"):
        GaussianSpace(SEVEN[:6], 2)
    with pytest.raises(MienError, match="'joy' is none"):
        GaussianSpace(("joy", "neutral"), 2)
