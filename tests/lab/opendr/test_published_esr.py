from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.importers.published import save_esr

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers import esr  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.opendr.category import AFFECTNET  # noqa: E402
from mien.lab.opendr.published_esr import PublishedEsr, states_of  # noqa: E402

NARROW = (16,) * 8


@pytest.mark.parametrize(
    ("branches", "attention", "parameters"),
    [(9, False, 20_349_546), (15, False, 33_666_054), (9, True, 20_832_494), (15, True, 34_465_946)],
)
def test_as_many_parameters_as_opendr_says(branches: int, attention: bool, parameters: int) -> None:
    with torch.device("meta"):
        assert count_parameters(PublishedEsr(branches, attention)) == parameters


def test_forward_gives_lists_and_where_esr_star_looks() -> None:
    faces = torch.rand(2, 3, 96, 96)
    plain = PublishedEsr(2, widths=NARROW)
    emotions, affects, attention = plain(faces)
    assert [tuple(one.shape) for one in (*emotions, *affects)] == [(2, 8)] * 2 + [(2, 2)] * 2
    assert attention == 0
    star = PublishedEsr(3, attention=True)
    with torch.no_grad():
        emotions, affects, (spatial, channel) = star(faces)
        said = star.said(faces)
    assert (tuple(spatial.shape), tuple(channel.shape)) == ((2, 3, 6, 6), (2, 3, 512))
    assert all(float(one.min()) > 0 and float(one.max()) < 1 for one in (spatial, channel))
    torch.testing.assert_close(torch.stack(emotions, 1), said[0])
    torch.testing.assert_close(torch.stack(affects, 1), said[1])


def test_branches_are_added_copied_and_taken_back() -> None:
    net = PublishedEsr(1, widths=NARROW)
    net.add_branch()
    assert net.get_ensemble_size() == 2
    kept = net.to_state_dict()
    with torch.no_grad():
        next(net.parameters()).zero_()
    assert float(kept[0]["conv1.weight"].abs().sum()) > 0  # a copy
    net.reload(kept)
    assert all(torch.equal(a, b) for a, b in zip(net.base.state_dict().values(), kept[0].values(), strict=True))


def test_with_the_backbone_fixed_only_valence_and_arousal_learn() -> None:
    net = PublishedEsr(2, widths=NARROW)
    net.fix_backbone()
    learning = [key for key, p in net.named_parameters() if p.requires_grad]
    assert learning == [f"convolutional_branches.{b}.fc_dimensional.{w}" for b in range(2) for w in ("weight", "bias")]


@pytest.mark.parametrize("cbam", [False, True])
def test_files_imported_and_turned_back_are_the_files(tmp_path: Path, cbam: bool) -> None:
    states = save_esr(tmp_path, 2, NARROW[:4], NARROW[4:], cbam=cbam)
    imported = esr.convert(tmp_path, Options())
    assert isinstance(imported.net, esr.Esr)
    for state, published in zip(states_of(imported.net, imported.spec), states, strict=True):
        assert state.keys() == published.keys()
        assert all(torch.equal(state[key], published[key]) for key in state)


def test_the_same_answers_as_our_own_network(tmp_path: Path) -> None:
    """One takes BGR and AffectNet's order, the other RGB and ours."""
    states = save_esr(tmp_path, 2, NARROW[:4], NARROW[4:])
    net = PublishedEsr(2, widths=NARROW)
    net.reload(states)
    ours = esr.convert(tmp_path, Options())
    faces = torch.rand(3, 3, 96, 96)
    order = [ours.spec.heads[0].labels.index(name) for name in AFFECTNET]
    with torch.no_grad():
        emotions, affect = net.said(faces)
        found = ours.net.eval()
        assert isinstance(found, esr.Esr)
        said = found.branch_logits(found.pool(found.features(faces.flip(1))))
    torch.testing.assert_close(said[..., :8][..., order], emotions)
    torch.testing.assert_close(said[..., 8:], affect)


def test_no_branches() -> None:
    with pytest.raises(MienError, match="ensemble_size 0"):
        PublishedEsr(0)
