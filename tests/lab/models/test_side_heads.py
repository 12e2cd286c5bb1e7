from __future__ import annotations

import pytest
from tests.contracts.model import HEAD

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402


def test_googlenets_side_heads_learn_with_it_and_say_nothing_afterwards() -> None:
    torch.manual_seed(0)
    net = create("googlenet", [HEAD], channels=3, height=64, width=64)
    x = torch.randn(4, 3, 64, 64)
    answer = net.answer(x)
    assert [side.shape for side in answer.sides] == [(4, 7), (4, 7)]
    assert len(net.side_weights) == len(answer.sides)
    sum(logits.square().sum() for logits in (answer.logits, *answer.sides)).backward()
    assert [k for k, p in net.named_parameters() if p.grad is None] == []
    net.eval()
    assert net.answer(x).sides == ()
    torch.testing.assert_close(net(x), net.net(x))


def test_side_heads_stand_in_the_trunks_stages() -> None:
    with torch.device("meta"):
        for name, side, heads in (("googlenet", 224, 2), ("inception_v3", 299, 1)):
            net = create(name, [HEAD], channels=3, height=side, width=side)
            stages = net.stages()
            assert sorted(id(p) for s in stages for p in s.parameters()) == sorted(id(p) for p in net.parameters())
            assert stages[-1] is net.net.fc
            assert len(net.answer(torch.zeros(2, 3, side, side)).sides) == heads
            bare = create(name, [HEAD], channels=3, height=side, width=side, sides=False)
            assert set(net.state_dict()) - set(bare.state_dict()) == net.side_keys() != set()
            assert bare.answer(torch.zeros(2, 3, side, side)).sides == ()


def test_inceptions_answer_is_torchvisions() -> None:
    torch.manual_seed(0)
    net = create("inception_v3", [HEAD], channels=3, height=80, width=80, sides=False).train()
    x = torch.randn(4, 3, 80, 80)
    with torch.no_grad():
        net(x)  # moves the norms' statistics to where random weights do not blow up
        torch.testing.assert_close(net.eval()(x), net.net(x))


@pytest.mark.parametrize(
    ("name", "least", "options"),
    [("googlenet", 15, {}), ("inception_v3", 75, {"sides": False}), ("inception_v3", 299, {"sides": True})],
)
def test_the_least_side_is_named(name: str, least: int, options: dict[str, bool]) -> None:
    with torch.device("meta"):
        net = create(name, [HEAD], height=least, width=least, **options)
        net.answer(torch.zeros(2, 1, least, least))
        with pytest.raises(RuntimeError):
            net.answer(torch.zeros(2, 1, least - 1, least - 1))
        with pytest.raises(MienError, match=rf"at least {least} x {least}$"):
            create(name, [HEAD], height=least, width=least - 1, **options)
