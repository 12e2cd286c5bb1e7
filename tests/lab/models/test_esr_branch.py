from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.lab.models.esr import CK, WILD  # noqa: E402
from mien.lab.models.esr_branch import BatchStatistics, Branch, Convolutions, Step, smallest_side  # noqa: E402

STEPS = (Step(8, 5), Step(16, pool=True))


def noise(n: int, channels: int, side: int) -> torch.Tensor:
    return torch.randn(n, channels, side, side, generator=torch.Generator().manual_seed(0)) * 3 + 1


def test_the_smallest_side_leaves_one_pixel() -> None:
    for base, branch in (WILD, CK):
        side = smallest_side([*base, *branch])
        narrow = [step._replace(width=2) for step in (*base, *branch)]
        row = Convolutions(1, narrow, nn.BatchNorm2d, attention=False).eval()
        assert row(noise(1, 1, side)).shape == (1, 2, 1, 1)
        with pytest.raises(RuntimeError):
            row(noise(1, 1, side - 1))
    assert smallest_side([*WILD[0], *WILD[1]]) == 54


def test_batch_statistics_are_those_of_training_mode() -> None:
    x = noise(6, 4, 5)
    plain, batch = nn.BatchNorm2d(4), BatchStatistics(4)
    nn.init.uniform_(plain.weight)
    nn.init.uniform_(plain.bias)
    batch.load_state_dict(plain.state_dict())
    expected = plain.train()(x)
    batch.eval()
    torch.testing.assert_close(batch(x), expected)
    assert torch.equal(batch.running_mean, torch.zeros(4))  # asking does not change what comes later
    assert (batch(x[:1]) - batch(x)[:1]).abs().max() > 0.01  # faces of a batch mix


def test_attention_comes_after_the_pool() -> None:
    row = Convolutions(3, STEPS, nn.BatchNorm2d, attention=True).eval()
    y, channel, spatial = row.gates(noise(2, 3, 12))
    assert y.shape == (2, 16, 3, 3)
    assert channel.shape == (2, 16)
    assert spatial.shape == (2, 1, 3, 3)
    torch.testing.assert_close(row(noise(2, 3, 12)), y)
    assert row.cbam1.SpatialGate.spatial.bn.momentum == 0.01


def test_affect_is_read_from_the_rectified_logits() -> None:
    branch = Branch(3, STEPS, nn.BatchNorm2d, attention=False, emotions=5, affect=True)
    assert branch.fc_dimensional is not None
    said = branch.say(noise(4, 1, 4).flatten(1))
    rectified = said[:, :5].clamp_min(0)
    torch.testing.assert_close(said[:, 5:], branch.fc_dimensional(rectified))
    assert (said[:, :5] < 0).any()


def test_a_branch_of_emotions_alone_has_no_other_keys() -> None:
    keys = set(Branch(3, STEPS, nn.BatchNorm2d, attention=False, emotions=8, affect=False).state_dict())
    assert {key.split(".")[0] for key in keys} == {"conv1", "bn1", "conv2", "bn2", "fc"}
