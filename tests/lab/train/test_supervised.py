from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.recipe import Recipe  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.lab.train.run import set_up, train  # noqa: E402

QUICK = [
    "data.path=synthetic:n=1600,seed=3,difficulty=0.0",
    "model.options={widths=[16,24,32], depths=[1,1,1], stem=8, dropout=0.1}",
    "train.epochs=6",
    "train.ema=0.9",
    "train.batch=32",
    "train.precision=fp32",
]
RECIPE = Path("recipes/synthetic.toml")


def quick(*sets: str) -> Recipe:
    return read_recipe(RECIPE, [*QUICK, *sets])


def test_learns_drawn_faces_and_writes_its_folder(tmp_path: Path) -> None:
    recipe = quick()
    faces = load_dataset(recipe.data.path)
    done = train(recipe, faces, tmp_path / "run", quiet=True)
    assert len(done.log) == 6
    assert done.log[-1]["train_loss"] < 0.85 * done.log[0]["train_loss"]
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert {"recipe.toml", "log.csv", "model.json", "best.safetensors", "last.safetensors"} <= names
    assert {"final.safetensors", "resume", "tensorboard", "plots"} <= names
    with (tmp_path / "run" / "log.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2", "3", "4", "5", "6"]
    test = faces.in_split("Test")
    model = open_run(tmp_path / "run")
    assert test.pixels is not None
    right = model.logits(test.pixels[..., None]).argmax(1) == test.hard("synthetic")
    assert right.mean() > 0.25  # eight emotions: chance is 0.125
    assert model.spec.scores["validation"]["split"] == "Validation"


def test_killed_and_resumed_ends_with_the_same_weights(tmp_path: Path) -> None:
    sets = [arg for text in [*QUICK, "train.epochs=4"] for arg in ("--set", text)]
    start = "from mien.cli.app import main; main()"
    words = [sys.executable, "-c", start, "train", str(RECIPE), *sets, "--out", str(tmp_path / "killed")]
    run = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not (tmp_path / "killed" / "resume" / "state.pt").exists():
        assert run.poll() is None, "ended before an epoch was saved"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert not (tmp_path / "killed" / "final.safetensors").exists()
    recipe = quick("train.epochs=4")
    faces = load_dataset(recipe.data.path)
    resumed = train(recipe, faces, tmp_path / "killed", resume=True, quiet=True)
    whole = train(recipe, faces, tmp_path / "whole", quiet=True)
    assert [row["epoch"] for row in resumed.log] == [1, 2, 3, 4]
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("killed", "whole"))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert [r["train_loss"] for r in resumed.log] == [r["train_loss"] for r in whole.log]


def test_soft_votes_and_hard_labels_together(tmp_path: Path) -> None:
    recipe = quick("data.path=synthetic:n=300", "train.epochs=1")
    two = (replace(recipe.heads[0], name="votes", labels="ferplus"), recipe.heads[0])
    faces = load_dataset(recipe.data.path)
    done = train(replace(recipe, heads=two), faces, tmp_path / "run", quiet=True)
    assert {"val_top1_votes", "val_top1_emotion"} <= done.log[0].keys()
    assert [h.name for h in done.spec.heads] == ["votes", "emotion"]


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    recipe = quick("train.lr=1e30", "train.epochs=2", "data.path=synthetic:n=300")
    with pytest.raises(MienError, match=r"no number in epoch \d; lower train\.lr"):
        train(recipe, load_dataset(recipe.data.path), tmp_path / "run", quiet=True)


def test_constant_pictures_teach_nothing(tmp_path: Path) -> None:
    """The check on the check: without pixels that tell, accuracy stays at chance."""
    recipe = quick("train.epochs=2")
    faces = load_dataset(recipe.data.path)
    assert faces.pixels is not None
    blank = faces.replace(pixels=np.full_like(faces.pixels, 128))
    done = train(recipe, blank, tmp_path / "run", quiet=True)
    assert done.log[-1]["val_top1"] < 25


def made_of(faces: FaceSet, level: int) -> FaceSet:
    """A picture of one grey level made from every face, with its label."""
    assert faces.pixels is not None
    return FaceSet(
        "made", np.full_like(faces.pixels, level), targets={"synthetic": faces.targets["synthetic"]},
        made_from=faces.row,
    )  # fmt: skip


def test_variants_take_the_place_of_faces_as_often_as_the_recipe_says(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = quick("data.path=synthetic:n=300", "data.variants=made", "data.variants_probability=0.5", "augment.flip=0")
    faces = load_dataset(recipe.data.path)
    monkeypatch.setattr("mien.lab.train.variants.load_dataset", lambda _: made_of(faces, 255))
    method, _, _ = set_up(recipe, faces, "cpu")
    side = (recipe.input.height, recipe.input.width)

    def replaced(epoch: int, shard: tuple[int, int] = (0, 1)) -> torch.Tensor:
        """(n,) which of an epoch's pictures are one bright plane, whatever else is done to them."""
        batches = [x for x, _ in method.batches(epoch, side, shard)]
        return torch.cat([x.flatten(1).std(dim=1) < 1e-3 for x in batches])

    first = replaced(0)
    assert 0.4 < float(first.float().mean()) < 0.6
    assert torch.equal(first, replaced(0))
    assert not torch.equal(first, replaced(1))
    halves = [replaced(0, (i, 2)) for i in range(2)]
    assert torch.equal(torch.stack(halves, 1).flatten(), first)
    assert method.spec.training["variants"] == {"path": "made", "probability": 0.5}


def test_a_folder_of_variants_is_learnt_from_and_a_run_with_them_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = quick("data.path=synthetic:n=300", "data.variants=made", "data.more=more", "train.epochs=2")
    faces = load_dataset(recipe.data.path)
    monkeypatch.setattr("mien.lab.train.variants.load_dataset", lambda name: made_of(faces, len(name)))

    class KilledError(Exception): ...

    def stop(row: dict[str, object]) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        train(recipe, faces, tmp_path / "killed", quiet=True, on_epoch=stop)
    resumed = train(recipe, faces, tmp_path / "killed", quiet=True, resume=True)
    whole = train(recipe, faces, tmp_path / "whole", quiet=True)
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("killed", "whole"))
    assert all(torch.equal(a[key], b[key]) for key in b)
    n = int((faces.split == "Training").sum())
    assert resumed.spec.training["n_train"] == 2 * n
    assert whole.spec.training["more"] == {"path": "more"}
    plain = train(replace(recipe, data=replace(recipe.data, variants="")), faces, tmp_path / "plain", quiet=True)
    assert plain.log[-1]["train_loss"] != whole.log[-1]["train_loss"]
