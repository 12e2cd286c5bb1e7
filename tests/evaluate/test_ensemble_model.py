"""Ensembles are evaluated like any model, from saved probabilities and from models that run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cli.app import app
from mien.ensemble.ensemble_file import read_ensemble
from mien.errors import MienError
from mien.evaluate.ensemble_model import needs_no_data
from mien.evaluate.evaluation import evaluate
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import load_probabilities, save_probabilities
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head

Make = Callable[..., Path]
N = 60
ROOT = Path(__file__).parents[2]


def predictions(seed: int, **changes: object) -> Predictions:
    """A model that is right about half of 60 rows, each time others; logits and probabilities fit each other."""
    random = np.random.default_rng(seed)
    targets = np.arange(N) % 7
    logits = np.full((N, 8), np.nan, np.float32)
    logits[:, :7] = random.normal(size=(N, 7))
    logits[np.arange(N), targets] += random.choice([0.0, 3.0], N)
    e = np.exp(logits)
    emotions = np.arange(8) < 7
    made = Predictions(
        model=f"m{seed}", trained_on="fer2013", data="fer2013", data_sha256="a" * 64, split="PrivateTest",
        labels="fer2013", emotions=emotions, rows=np.arange(100, 100 + N), targets=targets,
        probabilities=e / np.nansum(e, axis=1, keepdims=True), logits=logits,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture
def ensemble(tmp_path: Path) -> Make:
    """Writes members and an ensemble of them: `ensemble([predictions(0), ...], "mean", "weights = [1, 2]")`."""

    def make(members: list[Predictions], rule: str = "mean", more: str = "") -> Path:
        for i, member in enumerate(members):
            save_probabilities(tmp_path / f"{i}.npz", member)
        listed = ", ".join(f'"{i}.npz"' for i in range(len(members)))
        path = tmp_path / "e.toml"
        path.write_text(f'combine = "{rule}"\nmembers = [{listed}]\n{more}\n')
        return path

    return make


def run(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


@pytest.mark.parametrize("recipe", ["fer2013/ensemble-seven", "jaffe/ensemble"])
def test_the_published_ensembles_run_on_what_the_zoo_saves(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = ROOT / "recipes" / f"{recipe}.toml"
    members = read_ensemble(path).members
    for seed, member in enumerate(members):
        save_probabilities(member, predictions(seed))
    done = run(path, "--json")
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    assert len(scores["members"]) == len(members)
    assert scores["top1"] > max(one["top1"] for one in scores["members"])


def test_seven_saved_members_are_scored_without_data(ensemble: Make, tmp_path: Path) -> None:
    members = [predictions(seed) for seed in range(7)]
    path = ensemble(members)
    assert needs_no_data(path)
    done = run(path, "--json", "--save-probabilities", tmp_path / "all.npz")
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    summed = sum(np.nan_to_num(member.probabilities) for member in members).argmax(axis=1)
    right = 100 * (summed == members[0].targets).mean()
    assert scores["top1"] == pytest.approx(right, abs=1e-3)
    alone = [100 * (np.nan_to_num(m.probabilities).argmax(axis=1) == m.targets).mean() for m in members]
    assert [one["top1"] for one in scores["members"]] == pytest.approx(alone, abs=1e-3)
    assert [Path(one["model"]).name for one in scores["members"]] == [f"{i}.npz" for i in range(7)]
    assert scores["top1"] > max(alone)
    assert "Ensemble of 7: the mean" in scores["notes"][0]
    assert json.loads(run(tmp_path / "all.npz", "--json").stdout)["top1"] == scores["top1"]


def test_a_person_sees_the_members_scores_too(ensemble: Make) -> None:
    shown = run(ensemble([predictions(0), predictions(1)])).stdout
    assert "member" in shown
    assert "1.npz" in shown
    assert "Ensemble of 2" in shown


def test_max_takes_logits_where_all_members_have_them_and_says_so(ensemble: Make) -> None:
    calm, loud = predictions(0), predictions(1)
    louder = np.asarray(loud.logits) + 20  # the same probabilities
    both = [calm, replace(loud, logits=louder)]
    scores = evaluate(ensemble(both, "max"))
    assert scores.top1 == evaluate(ensemble([loud], "max")).top1
    assert "largest logit" in scores.notes[0]
    without = evaluate(ensemble([calm, replace(loud, logits=None)], "max"))
    assert "largest probability" in without.notes[0]
    assert without.predictions.probabilities[:, 0] != pytest.approx(scores.predictions.probabilities[:, 0])


def test_weights_and_mirrored_probabilities_go_along(ensemble: Make) -> None:
    a, b = predictions(0), predictions(1)
    turned = [replace(one, averaged=one.probabilities[::-1].copy(), tta="mirror") for one in (a, b)]
    scores = evaluate(ensemble(turned, "mean", "weights = [0, 2]"))
    assert scores.top1 == evaluate(ensemble([b])).top1
    assert scores.tta is not None
    assert scores.tta["name"] == "mirror"
    assert evaluate(ensemble([turned[0], b])).tta is None
    assert evaluate(ensemble([turned[0], replace(turned[1], tta="ten-crop")])).tta is None  # not the same views


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"data_sha256": "b" * 64}, "another data set than"),
        ({"split": "PublicTest"}, "another split than .* \\(PublicTest, not PrivateTest"),
        ({"labels": "ferplus"}, "other labels than"),
        ({"rows": np.arange(101, 101 + N)}, "other rows than .* position 0: 101, not 100"),
        ({"emotions": np.arange(8) < 8}, "other emotions than"),
        ({"targets": (np.arange(N) + 1) % 7}, "other targets than"),
    ],
)
def test_members_that_do_not_agree_are_named_with_what_differs(ensemble: Make, changes: dict, told: str) -> None:
    other = predictions(1)
    if "emotions" in changes:
        filled = np.nan_to_num(other.probabilities)
        changes |= {"probabilities": filled, "logits": None}
    path = ensemble([predictions(0), replace(other, **changes)])
    with pytest.raises(MienError, match=told) as caught:
        evaluate(path)
    assert "1.npz is of" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fewer_rows_are_told_by_their_number(ensemble: Make) -> None:
    b = predictions(1)
    few = replace(b, rows=b.rows[:9], targets=b.targets[:9], probabilities=b.probabilities[:9], logits=None)
    with pytest.raises(MienError, match="9 rows, not 60"):
        evaluate(ensemble([predictions(0), few]))


def test_models_that_run_join_saved_ones(tiny_model, faces, tmp_path: Path) -> None:
    heads = (Head("emotion", "emotion", SEVEN, "fer2013"),)
    tiny = tiny_model("tiny", heads=heads)
    saved = evaluate(tiny_model("other", heads=(Head("emotion", "emotion", SEVEN[::-1], "fer2013"),)), faces)
    save_probabilities(tmp_path / "other.npz", saved.predictions)
    path = tmp_path / "both.toml"
    path.write_text(f'combine = "mean"\nmembers = ["{tiny.name}", "other.npz"]\n')
    with pytest.raises(MienError, match="add --data PATH"):
        evaluate(path)
    scores = evaluate(path, faces, tta="mirror") if saved.tta else evaluate(path, faces)
    assert (scores.n, scores.deduplicated["n"]) == (15, saved.deduplicated["n"])
    expected = (saved.predictions.probabilities + evaluate(tiny, faces).predictions.probabilities) / 2
    np.testing.assert_allclose(scores.predictions.probabilities, expected, atol=1e-6)
    with pytest.raises(MienError, match=r"both\.toml: member .*other\.npz: probabilities for PrivateTest"):
        evaluate(path, faces, split="PublicTest")


def test_a_member_that_is_missing_is_told_with_the_ensembles_name(ensemble: Make, tmp_path: Path) -> None:
    path = ensemble([predictions(0), predictions(1)])
    (tmp_path / "1.npz").unlink()
    done = run(path)
    assert isinstance(done.exception, MienError)
    assert "e.toml: member 1.npz: no such file" in str(done.exception)


def test_logits_are_kept_with_the_probabilities(faces, bright, tmp_path: Path) -> None:
    scores = evaluate(bright(), faces)
    save_probabilities(tmp_path / "p.npz", scores.predictions)
    kept = load_probabilities(tmp_path / "p.npz").logits
    assert kept is not None
    columns = [EMOTIONS.index(name) for name in SEVEN]
    np.testing.assert_array_equal(kept[:, columns].max(axis=1), np.full(15, 4.0, np.float32))
    assert np.isnan(np.delete(kept, columns, axis=1)).all()
    broken = replace(scores.predictions, logits=np.full_like(kept, np.inf))
    save_probabilities(tmp_path / "p.npz", broken)
    with pytest.raises(MienError, match="logits are no numbers"):
        load_probabilities(tmp_path / "p.npz")
