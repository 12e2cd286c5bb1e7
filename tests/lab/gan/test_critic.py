from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.gan.critic import Critic, layers_for  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402


@pytest.mark.parametrize(
    ("space", "dims", "emotions", "parameters"),
    [
        ("linear", 2, 7, 44_794_816),
        ("gaussian", 2, 7, 44_794_816),
        ("linear", 3, 7, 44_803_008),
        ("gaussian", 3, 7, 44_803_008),
        ("linear", 2, 5, 44_778_432),
        ("linear", 2, 8, 44_803_008),
    ],
)
def test_parameters_are_the_papers(space: str, dims: int, emotions: int, parameters: int) -> None:
    with torch.device("meta"):
        assert count_parameters(Critic(space, dims, emotions)) == parameters


def test_published_keys_and_shapes() -> None:
    with torch.device("meta"):
        net = Critic("linear")
        verdict = net(torch.zeros(3, 3, 128, 128))
    main = [f"main.{i}.{part}" for i in range(0, 12, 2) for part in ("weight", "bias")]
    assert list(net.state_dict()) == [*main, "conv1.weight", "conv2.weight", "conv3.weight"]
    assert [tuple(part.shape) for part in verdict] == [(3, 1, 2, 2), (3, 7), (3, 2)]
    with torch.device("meta"):
        assert list(Critic("gaussian").state_dict())[-2:] == ["conv1.weight", "conv2.weight"]


@pytest.mark.parametrize("space", ["linear", "gaussian"])
@pytest.mark.parametrize(("side", "layers", "left"), [(32, 4, 2), (48, 4, 3), (64, 5, 2), (128, 6, 2)])
def test_layers_suit_the_side(space: str, side: int, layers: int, left: int) -> None:
    assert layers_for(side, side) == layers
    net = Critic(space, dims=3, emotions=5, conv_dim=2, channels=1, height=side, width=side)
    verdict = net(torch.rand(2, 1, side, side))
    assert [tuple(part.shape) for part in verdict] == [(2, 1, left, left), (2, 5), (2, 3)]
    torch.testing.assert_close(net.realness(torch.ones(1, 1, side, side)), net(torch.ones(1, 1, side, side)).realness)


def test_sides_that_do_not_halve_are_refused() -> None:
    with pytest.raises(MienError, match=r"multiples of 16, not 40 x 40"):
        Critic("linear", height=40, width=40, layers=4)
