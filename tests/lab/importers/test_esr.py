from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.lab.importers.published import State, esr_part, save_esr

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.esr import convert  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.models.esr import Esr  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402

AFFECTNET = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"]
CK = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "contempt", "neutral"]


def norm(state: State, name: str, x: Tensor, batch: bool) -> Tensor:
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    if batch:
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    x = (x - mean[:, None, None]) / (variance + 1e-5).sqrt()[:, None, None]
    return x * state[f"{name}.weight"][:, None, None] + state[f"{name}.bias"][:, None, None]


def convolve(state: State, x: Tensor, pools: Sequence[int], padded: int = 0, batch: bool = False) -> Tensor:
    i = 1
    while f"conv{i}.weight" in state:
        x = F.conv2d(x, state[f"conv{i}.weight"], state[f"conv{i}.bias"], padding=int(i == padded))
        x = norm(state, f"bn{i}", x, batch).relu()
        x = F.max_pool2d(x, 2) if i in pools else x
        if f"cbam{i}.ChannelGate.mlp.1.weight" in state:
            x = attend(state, f"cbam{i}", x, batch)
        i += 1
    return x


def attend(state: State, name: str, x: Tensor, batch: bool) -> Tensor:
    def mlp(v: Tensor) -> Tensor:
        gate = f"{name}.ChannelGate.mlp"
        hidden = F.linear(v, state[f"{gate}.1.weight"], state[f"{gate}.1.bias"]).relu()
        return F.linear(hidden, state[f"{gate}.3.weight"], state[f"{gate}.3.bias"])

    x = x * (mlp(x.mean((2, 3))) + mlp(x.amax((2, 3)))).sigmoid()[:, :, None, None]
    both = torch.stack([x.amax(1), x.mean(1)], 1)
    place = F.conv2d(both, state[f"{name}.SpatialGate.spatial.conv.weight"], padding=3)
    return x * norm(state, f"{name}.SpatialGate.spatial.bn", place, batch).sigmoid()


def branches_say(states: list[State], bgr: Tensor, batch: bool = False, small: bool = False) -> list[Tensor]:
    """What each branch of the published network says of pixels in 0..1, in its own order, then affect."""
    base, *branches = states
    shared = convolve(base, bgr, (2, 3) if small else (2, 4))  # the base was switched to inference, always
    said = []
    for state in branches:
        x = convolve(state, shared, (1,) if small else (2,), 0 if small else 4, batch).mean((2, 3))
        emotions = F.linear(x, state["fc.weight"], state["fc.bias"])
        affect = [
            F.linear(emotions.relu(), state["fc_dimensional.weight"], state["fc_dimensional.bias"])
        ] if "fc_dimensional.weight" in state else []  # fmt: skip
        said.append(torch.cat([emotions, *affect], 1))
    return said


def ours(net: Esr, rgb: Tensor) -> Tensor:
    with torch.no_grad():
        net.eval()
        return net.branch_logits(net.pool(net.features(rgb)))


def in_our_order(said: list[Tensor], theirs: list[str]) -> Tensor:
    columns = [theirs.index(name) for name in EMOTIONS if name in theirs] + list(range(len(theirs), said[0].shape[1]))
    return torch.stack([answer[:, columns] for answer in said], 1)


def converted(folder: Path, **options: str) -> Esr:
    net = convert(folder, Options(**options)).net
    assert isinstance(net, Esr)
    return net


def test_the_grammar_is_that_of_the_specification() -> None:
    base = esr_part(3, (64, 128, 128, 128), (5, 3, 3, 3))
    branch = esr_part(128, (128, 256, 256, 512), (3, 3, 3, 3), heads=(8, 2))
    assert (len(base), len(branch)) == (28, 32)
    counted = [sum(torch.Size(s).numel() for k, s in part.items() if "running" not in k and "batches" not in k)
               for part in (base, branch)]  # fmt: skip
    assert counted == [374_784, 2_219_418]


@pytest.mark.parametrize("statistics", ["running", "batch"])
@pytest.mark.parametrize("heads", [(8, 2), (8,)])
def test_branches_answer_as_published(tmp_path: Path, statistics: str, heads: tuple[int, ...]) -> None:
    states = save_esr(tmp_path, heads=heads)
    rgb = torch.rand(2, 3, 96, 96)
    expected = in_our_order(branches_say(states, rgb.flip(1), statistics == "batch"), AFFECTNET)
    torch.testing.assert_close(ours(converted(tmp_path, statistics=statistics), rgb), expected, rtol=1e-3, atol=1e-4)


def test_the_two_modes_differ_and_so_do_the_orders_of_colour(tmp_path: Path) -> None:
    save_esr(tmp_path)
    rgb = torch.rand(2, 3, 96, 96)
    plain = ours(converted(tmp_path), rgb)
    assert (plain - ours(converted(tmp_path, statistics="batch"), rgb)).abs().max() > 0.01
    as_is = ours(converted(tmp_path, channel_order="rgb"), rgb.flip(1))
    torch.testing.assert_close(plain, as_is)
    assert (plain - ours(converted(tmp_path, channel_order="rgb"), rgb)).abs().max() > 1e-4


def test_esr_star_by_its_gates(tmp_path: Path) -> None:
    states = save_esr(tmp_path, 2, (16, 16, 16, 16), (16, 16, 16, 32), cbam=True)
    imported = convert(tmp_path, Options())
    assert imported.spec.architecture == "esrstar9"
    assert imported.spec.architecture_options["branches"] == 2
    rgb = torch.rand(2, 3, 96, 96)
    assert isinstance(imported.net, Esr)
    expected = in_our_order(branches_say(states, rgb.flip(1)), AFFECTNET)
    torch.testing.assert_close(ours(imported.net, rgb), expected, rtol=1e-3, atol=1e-4)
    with pytest.raises(MienError, match="--statistics batch"):
        convert(tmp_path, Options(statistics="batch"))


def test_the_smaller_net_for_ck_has_grey_faces_and_an_order_of_its_own(tmp_path: Path) -> None:
    states = save_esr(tmp_path, 4, (3, 4, 4), (4, 4), heads=(8,), channels=1)
    imported = convert(tmp_path, Options())
    assert (imported.spec.colour, imported.spec.architecture_options["ck"]) == ("grey", True)
    assert imported.spec.heads[0].trained_on == "ckplus"
    grey = torch.rand(2, 1, 96, 96)
    assert isinstance(imported.net, Esr)
    expected = in_our_order(branches_say(states, grey, small=True), CK)
    torch.testing.assert_close(ours(imported.net, grey), expected, rtol=1e-3, atol=1e-4)


def test_facts_of_the_model(tmp_path: Path) -> None:
    save_esr(tmp_path)
    spec = convert(tmp_path, Options(statistics="batch", combine="vote")).spec
    assert [(h.name, h.kind) for h in spec.heads] == [("emotion", "emotion"), ("affect", "valence_arousal")]
    assert spec.heads[0].labels == EMOTIONS
    assert (spec.height, spec.colour, spec.mean, spec.std) == (96, "rgb", (0, 0, 0), (1, 1, 1))
    assert spec.architecture_options["statistics"] == "batch"
    assert spec.architecture_options["combine"] == "vote"
    save_esr(tmp_path / "seven", heads=(7,))
    assert convert(tmp_path / "seven", Options()).spec.heads[0].labels == EMOTIONS[:7]


def edit(path: Path, **changes: Tensor | None) -> None:
    """Change the keys of a file; dots are written as two underscores, None takes the key out."""
    state = torch.load(path, weights_only=True)
    for name, value in changes.items():
        key = name.replace("__", ".")
        if value is None:
            state.pop(key)
        else:
            state[key] = value
    torch.save(state, path)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("Net-Branch_2.pt", {"bn3__running_var": None}, r"Net-Branch_2\.pt: lacks bn3\.running_var"),
        ("Net-Branch_2.pt", {"fc_dimensional__weight": None}, r"Net-Branch_2\.pt: lacks fc_dimensional\.weight"),
        ("Net-Branch_3.pt", {"fc__weight": None}, r"Net-Branch_3\.pt: lacks fc\.weight"),
        ("Net-Branch_1.pt", {"extra": torch.ones(1)}, r"Net-Branch_1\.pt: has the unknown key extra"),
        ("Net-Branch_3.pt", {"conv2__weight": torch.ones(6, 4, 5, 5)}, r"conv2\.weight is .*5, 5\).*\(6, 4, 3, 3\)"),
        ("Net-Base-Shared_Representations.pt", {"conv2__bias": None}, r"Representations\.pt: lacks conv2\.bias"),
        ("Net-Base-Shared_Representations.pt", {"conv4__weight": None}, "3 convolutions and 4 in a branch"),
    ],
)  # fmt: skip
def test_a_mangled_file_is_refused_by_its_key(
    tmp_path: Path, name: str, changes: dict[str, Tensor | None], words: str
) -> None:
    save_esr(tmp_path)
    edit(tmp_path / name, **changes)
    with pytest.raises(MienError, match=words):
        convert(tmp_path, Options())


def test_files_that_are_missing(tmp_path: Path) -> None:
    save_esr(tmp_path)
    (tmp_path / "Net-Branch_2.pt").unlink()
    with pytest.raises(MienError, match=r"lacks Net-Branch_2\.pt; copy all"):
        convert(tmp_path, Options())
    for path in tmp_path.glob("Net-Branch*"):
        path.unlink()
    with pytest.raises(MienError, match=r"lacks Net-Branch_1\.pt"):
        convert(tmp_path, Options())
    (tmp_path / "Net-Base-Shared_Representations.pt").unlink()
    with pytest.raises(MienError, match="lacks Net-Base"):
        convert(tmp_path, Options())
