"""An ensemble's file is read, checked, and its members are looked up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.ensemble.ensemble_file import Ensemble, is_ensemble_file, read_ensemble, write_ensemble
from mien.ensemble.stacking import Stacking
from mien.errors import MienError

STACKED = '[stacking]\nclasses = ["x", "y"]\nintercept = [0, 0.5]\ncoefficients = [[[1, 0], [0, 1]]]'
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
        ('combine = "weighted"\nmembers = ["a"]', "needs its fitted weights"),
        ('combine = "stacking"\nmembers = ["a"]', "goes with its fitted table"),
        (f'combine = "mean"\nmembers = ["a"]\n{STACKED}', "no other rule"),
        (f'combine = "stacking"\nweights = [1]\nmembers = ["a"]\n{STACKED}', "leave weights out"),
        (
            f'combine = "stacking"\nmembers = ["a", "b"]\n{STACKED}',
            r"of shape \(1, 2, 2\), expected 2 x 2",
        ),
        ('combine = "stacking"\nmembers = ["a"]\n[stacking]\nclasses = ["x"]', "lacks classes, coefficients"),
        (f'combine = "stacking"\nmembers = ["a"]\n{STACKED}\nfloors = 1', "unknown floors"),
        (f'combine = "stacking"\nmembers = ["a"]\n{STACKED}\nfloor = 0', "between 0 and 1"),
        (f'combine = "stacking"\nmembers = ["a"]\n{STACKED.replace("0.5", "nan")}', "intercept of shape .* finite"),
        (f'combine = "stacking"\nmembers = ["a"]\n{STACKED.replace("0.5", "[1]")}', "intercept holds what is no"),
        ('combine = "mean"\nmembers = ["a"]\nfitted_on = "PublicTest"', "expected a table"),
        ('combine = "mean"\nmembers = ["other.toml"]', "is an ensemble itself"),
        ('combine = "median"\nmembers = ["a"]', "expected mean or max or vote or weighted or greedy or stacking"),
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


def test_what_is_written_is_read_again_to_the_last_digit(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    stacking = Stacking(("anger", 'joy\\\t"'), random.normal(size=(2, 2, 2)) * 1e-7, random.normal(size=2), 0.3)
    facts = {"split": "PublicTest", "n": 3589, "data_sha256": "ab", "labels": "fer2013"}
    members = ('a "b"\n.npz', "runs/ü")
    probabilities = random.dirichlet((1, 1), (2, 9))
    for ensemble in (
        Ensemble("e", "stacking", members, stacking=stacking, fitted_on=facts),
        Ensemble("e", "weighted", members, (1 / 3, 1e-17), fitted_on=facts),
        Ensemble("e", "greedy", members, (3.0, 0.0)),
    ):
        write_ensemble(tmp_path / "new" / "e.toml", ensemble)
        found = read_ensemble(tmp_path / "new" / "e.toml")
        for key in ("name", "combine", "members", "weights", "fitted_on", "used"):
            assert getattr(found, key) == getattr(ensemble, key)
        np.testing.assert_array_equal(found(probabilities), ensemble(probabilities))
    assert found.used == (True, False)
    with pytest.raises(MienError, match=r"e\.npz: ensembles end in \.toml"):
        write_ensemble(tmp_path / "e.npz", ensemble)
    with pytest.raises(MienError, match=r"e\.toml: member other\.toml is an ensemble itself"):
        write_ensemble(tmp_path / "e.toml", Ensemble("e", "mean", ("a", "other.toml")))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(MienError, match=r"folder\.toml: .*choose a place"):
        write_ensemble(tmp_path / "folder.toml", ensemble)


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
