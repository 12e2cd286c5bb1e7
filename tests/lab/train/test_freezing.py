from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from tests.contracts.model import HEAD  # noqa: E402

from mien.lab.models.face_net import FaceNet  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.freezing import learning_stages, set_learning  # noqa: E402
from mien.lab.train.optimisers import make_optimiser  # noqa: E402
from mien.lab.train.recipe import Train  # noqa: E402

TINY = {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4}
NETS = [("small", TINY), ("oshea", {})]


def trained(net: FaceNet, count: int, steps: int = 3) -> dict[str, bool]:
    """State key -> whether some steps with the last `count` stages awake changed it."""
    before = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = make_optimiser(net, Train(lr=0.05))
    x = torch.randn(8, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    for _ in range(steps):
        net.train()
        set_learning(net, count)
        torch.nn.functional.cross_entropy(net(x), torch.arange(8) % 7).backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return {k: not torch.equal(v, before[k]) for k, v in net.state_dict().items()}


@pytest.mark.parametrize(("name", "options"), NETS)
def test_heads_alone_learn_and_the_trunk_stays_bit_for_bit(name: str, options: dict[str, object]) -> None:
    net = create(name, [HEAD], **options)
    changed = trained(net, 1)
    assert {k for k, moved in changed.items() if moved} == {"head.weight", "head.bias"}  # nor norms' statistics
    assert {k for k, p in net.named_parameters() if p.requires_grad} == {"head.weight", "head.bias"}


@pytest.mark.parametrize(("name", "options"), NETS)
def test_each_thawed_stage_is_one_more(name: str, options: dict[str, object]) -> None:
    net = create(name, [HEAD], **options)
    stages = net.stages()
    for count in range(1, len(stages) + 1):
        set_learning(net.train(), count)  # type: ignore[arg-type]
        awake = {id(p) for stage in stages[len(stages) - count :] for p in stage.parameters()}
        assert {id(p) for p in net.parameters() if p.requires_grad} == awake


def test_thawed_norms_gather_statistics_again() -> None:
    net = create("small", [HEAD], **TINY)
    trained(net, 1)
    changed = trained(net, len(net.stages()))
    assert [k for k, moved in changed.items() if not moved] == []


def test_stages_thaw_at_their_shares_of_the_run() -> None:
    settings = Train(epochs=10, freeze="trunk", unfreeze=(0.3, 0.5, 0.8))
    assert [learning_stages(settings, e, 5) for e in range(10)] == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]
    assert learning_stages(Train(epochs=10), 0, 5) == 5
    assert learning_stages(Train(epochs=10, freeze="trunk"), 9, 5) == 1
    assert learning_stages(Train(epochs=1, freeze="trunk", unfreeze=(0.0,) * 9), 0, 5) == 5
