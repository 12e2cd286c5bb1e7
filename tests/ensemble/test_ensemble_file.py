"""An ensemble's file is read, checked, and its members are looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.ensemble.ensemble_file import is_ensemble_file, read_ensemble
from mien.errors import MienError

ROOT = Path(__file__).parents[2]


def test_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "three.toml"
    path.write_text('name = "trio"\ncombine = "mean"\nweights = [1, 2, 0.5]\nmembers = ["a.npz", "runs/b", "small"]\n')
    found = read_ensemble(path)
    assert (found.name, found.combine, found.weights) == ("trio", "mean", (1.0, 2.0, 0.5))
    assert found.members == ("a.npz", "runs/b", "small")
    assert is_ensemble_file(path)
    assert not is_ensemble_file("a.npz")


def test_the_working_folder_comes_first_and_the_files_folder_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, names in ((here, ("both.npz",)), (there, ("both.npz", "beside.npz"))):
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
    monkeypatch.chdir(here)
    (there / "e.toml").write_text('combine = "vote"\nmembers = ["both.npz", "beside.npz", "nowhere.npz"]\n')
    found = read_ensemble(there / "e.toml")
    assert found.name == "e"
    assert found.members == ("both.npz", str(there / "beside.npz"), "nowhere.npz")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("members = [", "not a TOML file"),
        ('[train]\nlr = 1\nname = "x"', "a recipe is trained with `mien train`"),
        ('combine = "mean"\nmembers = []', "members must list"),
        ('combine = "mean"\nmembers = [1]', "members must list"),
        ('combine = "mean"\nmembers = ["other.toml"]', "is an ensemble itself"),
        ('combine = "median"\nmembers = ["a"]', "expected mean or max or vote"),
        ('members = ["a"]', "combine = None"),
        ('members = ["a"]\ncombine = "mean"\nweigths = [1]', "did you mean weights"),
        ('members = ["a"]\ncombine = "mean"\nweights = [1, 2]', "2 weights for 1"),
        ('members = ["a"]\ncombine = "mean"\nweights = ["1"]', "expected numbers"),
        ('members = ["a"]\ncombine = ["mean"]', "expected a word"),
        ('members = ["a"]\ncombine = "max"\nweights = [1]', "no weights"),
    ],
)
def test_what_cannot_be_meant_is_told_with_the_files_name(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(text)
    with pytest.raises(MienError, match=told) as caught:
        read_ensemble(tmp_path / "e.toml")
    assert str(tmp_path / "e.toml") in str(caught.value)
    with pytest.raises(MienError, match="No such file"):
        read_ensemble(tmp_path / "gone.toml")


def test_the_published_ensembles() -> None:
    """The seven of the Residual Masking Network, the fork's six for JAFFE, the study's three."""
    seven = read_ensemble(ROOT / "recipes" / "fer2013" / "ensemble-seven.toml")
    assert seven.combine == "mean"
    assert seven.weights == ()
    assert [Path(member).parent.name for member in seven.members] == [
        "resnet18", "resnet50_vggface", "resnet101", "cbam_resnet50", "efficientnet_b2", "resmasking_dropout1",
        "resmasking",
    ]  # fmt: skip
    jaffe = read_ensemble(ROOT / "recipes" / "jaffe" / "ensemble.toml")
    assert (jaffe.combine, len(jaffe.members)) == ("mean", 6)
    study = read_ensemble(ROOT / "recipes" / "study" / "ensemble-max.toml")
    assert (study.combine, len(study.members)) == ("max", 3)
