"""One recipe on one process and on two: the same gradients, one checkpoint, every face counted once."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from mien.datasets.load import load_dataset  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.lab.train.run import set_up, train  # noqa: E402

RECIPE = "recipes/synthetic.toml"
COMMON = ["data.path=synthetic:n=611,seed=3", "train.batch=64", "train.precision=fp32", "train.ema=0"]
NET = "model.options={{widths=[16,24,32], depths=[1,1,1], stem=8, dropout=0.0, norm={}}}"
# one plain step at rate 1: the weights move by the gradient itself
ONE_STEP = ["train.epochs=1", "train.steps=1", "train.optimiser=sgd", "train.momentum=0", "train.weight_decay=0",
            "train.warmup=0", "train.schedule=constant", "train.lr=1.0"]  # fmt: skip


def launch(processes: int, sets: list[str], out: Path) -> None:
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    words += ["-m", "mien", "train", RECIPE, "--out", str(out), "--quiet", "--device", "cpu"]
    words += [arg for text in [*COMMON, *sets] for arg in ("--set", text)]
    done = subprocess.run(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def last_row(run: Path) -> dict[str, float]:
    with (run / "log.csv").open() as file:
        return {key: float(value) for key, value in list(csv.DictReader(file))[-1].items()}


def test_two_processes_have_the_gradient_of_one(tmp_path: Path) -> None:
    sets = [*ONE_STEP, NET.format('"group"'), "augment.rotate=8", "balance.class_weights=inverse"]
    launch(2, sets, tmp_path / "two")
    recipe = read_recipe(RECIPE, [*COMMON, *sets])
    train(recipe, load_dataset(recipe.data.path), tmp_path / "one", device="cpu", quiet=True)
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("one", "two"))
    assert a.keys() == b.keys()
    moved = load_start(recipe)
    assert max(float((a[key] - moved[key]).abs().max()) for key in a) > 1e-2  # the step was a step
    assert max(float((a[key] - b[key]).abs().max()) for key in a) < 1e-5
    one, two = last_row(tmp_path / "one"), last_row(tmp_path / "two")
    for key in ("train_loss", "val_loss", "val_top1"):  # 61 validation faces: they do not divide by two
        assert two[key] == pytest.approx(one[key], abs=1e-4), key
    weights = sorted(p.name for p in (tmp_path / "two").glob("*.safetensors"))
    assert weights == ["best.safetensors", "final.safetensors", "last.safetensors"]
    assert "2 x cpu" in (tmp_path / "two" / "train.log").read_text()


@pytest.mark.slow
def test_two_processes_move_the_centres_of_one(tmp_path: Path) -> None:
    sets = [*ONE_STEP, NET.format('"group"'), "train.steps=3", "train.lr=0.1", "loss.centre=0.5"]
    launch(2, sets, tmp_path / "two")
    recipe = read_recipe(RECIPE, [*COMMON, *sets])
    train(recipe, load_dataset(recipe.data.path), tmp_path / "one", device="cpu", quiet=True)
    a, b = (torch.load(tmp_path / name / "resume" / "state.pt", weights_only=True)["model"] for name in ("one", "two"))
    assert float(a["centres.centres"].abs().max()) > 1e-2
    assert a.keys() == b.keys()
    for key in a:
        torch.testing.assert_close(a[key], b[key], atol=1e-4, rtol=1e-3)
    assert last_row(tmp_path / "two")["train_loss"] == pytest.approx(last_row(tmp_path / "one")["train_loss"], abs=1e-4)


def load_start(recipe: object) -> dict[str, torch.Tensor]:
    from mien.lab.train.batches import model_heads
    from mien.lab.train.model_facts import make_net

    faces = load_dataset(recipe.data.path)  # type: ignore[attr-defined]
    heads = model_heads(faces, recipe.heads)  # type: ignore[attr-defined]
    state: dict[str, torch.Tensor] = make_net(recipe, heads, torch.device("cpu")).state_dict()  # type: ignore[arg-type]
    return state


def test_with_batch_norm_losses_stay_close(tmp_path: Path) -> None:
    sets = ["train.epochs=1", NET.format('"batch"'), "data.path=synthetic:n=1500,seed=3", "train.lr=2e-3"]
    launch(2, sets, tmp_path / "two")
    recipe = read_recipe(RECIPE, [*COMMON, *sets])
    train(recipe, load_dataset(recipe.data.path), tmp_path / "one", device="cpu", quiet=True)
    one, two = last_row(tmp_path / "one"), last_row(tmp_path / "two")
    assert two["train_loss"] == pytest.approx(one["train_loss"], rel=0.05)


def test_a_batch_that_does_not_divide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accelerate import Accelerator

    monkeypatch.setattr(Accelerator, "num_processes", property(lambda self: 3))
    recipe = read_recipe(RECIPE, ["data.path=synthetic:n=100", "train.batch=64"])
    with pytest.raises(MienError, match=r"train\.batch = 64 does not divide by 3 processes; make it 63"):
        train(recipe, load_dataset(recipe.data.path), tmp_path / "run", device="cpu", quiet=True)


def test_what_an_epoch_calls(tmp_path: Path) -> None:
    """`on_epoch` sees each row when it is saved, and may end the run, which can then go on."""
    recipe = read_recipe(RECIPE, [*COMMON, NET.format('"batch"'), "train.epochs=2", "data.path=synthetic:n=200"])
    faces = load_dataset(recipe.data.path)

    class EnoughError(Exception):
        pass

    def stop(row: dict[str, object]) -> None:
        assert (tmp_path / "run" / "resume" / "state.pt").exists()
        raise EnoughError(row["epoch"])

    with pytest.raises(EnoughError, match="1"):
        train(recipe, faces, tmp_path / "run", quiet=True, on_epoch=stop)
    done = train(recipe, faces, tmp_path / "run", quiet=True, resume=True)
    assert [row["epoch"] for row in done.log] == [1, 2]


def test_a_generator_has_no_rate_to_find() -> None:
    recipe = read_recipe("recipes/ganmut/synthetic.toml", ["data.path=synthetic:n=40,size=16"])
    with pytest.raises(MienError, match="two losses"):
        set_up(recipe, load_dataset(recipe.data.path), "cpu")


@pytest.mark.slow
def test_two_processes_train_one_generator(tmp_path: Path) -> None:
    """Noise and shuffles are each process's own, so that one process learns other numbers; both learn one network."""
    sets = ["data.path=synthetic:n=200,size=16", "input.height=16", "input.width=16", "train.batch=8", "train.steps=4"]
    sets += ["train.epochs=2", "model.options={conv_dim=4, blocks=1}", "ganmut.critic_dim=4", "ganmut.lessons=1"]
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "mien"]
    words += ["train", "recipes/ganmut/synthetic.toml", "--out", str(tmp_path / "run"), "--quiet", "--device", "cpu"]
    words += [arg for text in sets for arg in ("--set", text)]
    done = subprocess.run(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "2 x cpu" in (tmp_path / "run" / "train.log").read_text()
    assert last_row(tmp_path / "run")["epoch"] == 2


def test_emotions_are_derived_from_units_where_a_recipe_names_them(tmp_path: Path) -> None:
    """Happy against not happy, by AU06 and AU12, and scored by the same rule."""
    from mien.evaluate.evaluation import evaluate

    sets = [
        *COMMON,
        NET.format('"batch"'),
        "train.epochs=8",
        "train.lr=4e-3",
        "balance.sampler=balanced",
        "input.height=32",
        "input.width=32",
    ]
    sets += ['heads=[{labels="emfacs-happiness"}]']
    recipe = read_recipe(RECIPE, sets)
    faces = load_dataset("synthetic:n=1200,size=32,seed=3")
    faces = faces.replace(targets={"action_units": faces.targets["action_units"]}, votes=None)
    done = train(recipe, faces, tmp_path / "run", device="cpu", quiet=True)
    (head,) = done.spec.heads
    assert (head.kind, head.trained_on, head.labels) == ("classes", "emfacs-happiness", ("not_happiness", "happiness"))
    scores = evaluate(str(tmp_path / "run"), faces, "Test")
    assert scores.labels == "emfacs-happiness"
    assert scores.balanced_accuracy > 75
