from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.datasets.fer2013_splits import FER2013_COUNTS
from mien.errors import MienError
from mien.lab.models import registry
from mien.lab.train.class_weights import class_weights
from mien.lab.train.json_config import ARCHITECTURES, read_config
from mien.lab.train.recipe_file import read_recipe, to_toml

FER2013: dict[str, Any] = {
    "data_path": "data", "image_size": 224, "in_channels": 3, "num_classes": 7, "arch": "resnet34", "lr": 0.0001,
    "weighted_loss": 0, "momentum": 0.9, "weight_decay": 0.001, "distributed": 0, "batch_size": 48, "num_workers": 8,
    "device": "cuda:0", "max_epoch_num": 50, "max_plateau_count": 8, "plateau_patience": 2, "steplr": 50,
    "log_dir": "log", "checkpoint_dir": "checkpoint", "model_name": "test",
}  # fmt: skip


def write(folder: Path, **changes: Any) -> Path:
    path = folder / "fer2013_config.json"
    path.write_text(json.dumps(FER2013 | changes), encoding="utf-8")
    return path


def test_the_published_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = read_recipe(write(tmp_path))
    said = capsys.readouterr()
    assert said.out == ""
    idle, start = said.err.splitlines()
    assert idle.endswith("not used here: momentum, distributed, num_workers, device, steplr, log_dir, checkpoint_dir")
    assert start.endswith("--set model.weights=imagenet")
    train = recipe.train
    assert (recipe.name, recipe.model.name, recipe.seed) == ("resnet34_test", "resnet34", 1234)
    assert (recipe.data.path, recipe.heads[0].labels, recipe.heads[0].target) == ("data", "fer2013", "hard")
    assert (recipe.input.height, recipe.input.colour, recipe.input.normalise) == (224, "rgb", "unit")
    assert (train.epochs, train.batch, train.early_stop, train.patience) == (51, 48, 9, 2)
    assert (train.optimiser, train.lr, train.weight_decay, train.decoupled, train.decay_all) == (
        "radam", 1e-4, 1e-3, True, True,
    )  # fmt: skip
    assert (train.schedule, train.factor, train.min_lr, train.warmup) == ("plateau", 0.1, 1e-6, 0)
    assert (recipe.augment.flip, recipe.augment.rotate, recipe.augment.fill) == (0.5, 30, "zero")
    assert (recipe.balance.class_weights, recipe.loss.centre) == ("none", 0)
    again = tmp_path / "again.toml"
    again.write_text(to_toml(recipe), encoding="utf-8")
    assert read_recipe(again) == recipe


def test_a_weighted_loss_has_the_published_weights(tmp_path: Path) -> None:
    import torch

    counts = torch.tensor(FER2013_COUNTS["Training"])
    found = class_weights(counts, read_recipe(write(tmp_path, weighted_loss=1)).balance)
    published = [1.02660468, 9.40661861, 1.00104606, 0.56843877, 0.84912748, 1.29337298, 0.82603942]
    assert found.tolist() == pytest.approx(published)


def test_other_keys_and_overrides(tmp_path: Path) -> None:
    path = write(tmp_path, weighted_loss=1, cweight=0.01, clr=0.3, in_channels=1, seed=7, arch="resmasking_dropout2")
    recipe = read_recipe(path, ["train.lr=3e-4", "input.height=64"])
    assert (recipe.model.name, recipe.model.options) == ("resmasking", {"head": "dropout2"})
    assert (recipe.balance.class_weights, recipe.input.colour, recipe.seed) == ("inverse", "grey", 7)
    assert (recipe.loss.centre, recipe.loss.centre_lr, recipe.loss.centre_epoch) == (0.01, 0.3, 20)
    assert (recipe.train.lr, recipe.input.height) == (3e-4, 64)
    assert read_recipe(write(tmp_path, dataset_name="ck+", num_classes=8)).heads[0].labels == "ckplus"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arch": "resattnet56"}, "arch = 'resattnet56' is not here; known: alexnet, vgg19"),
        ({"batchsize": 3}, "unknown key 'batchsize'; did you mean batch_size"),
        ({"lr": "fast"}, "lr = 'fast', expected a number"),
        ({"batch_size": 1.5}, "batch_size = 1.5, expected a whole number"),
        ({"model_name": 3}, "model_name = 3, expected text"),
        ({"in_channels": 4}, "in_channels = 4, expected 1 or 3"),
        ({"num_classes": 8}, "num_classes = 8, but fer2013 has 7"),
    ],
)
def test_what_cannot_be_meant_is_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(MienError, match=message) as caught:
        read_config(write(tmp_path, **changes))
    assert "fer2013_config.json: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[1]", "\xff"])
def test_what_is_no_configuration(text: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(MienError, match=r"c\.json: "):
        read_config(path)
    with pytest.raises(MienError, match=r"nowhere\.json: No such file"):
        read_config(tmp_path / "nowhere.json")


def test_every_network_that_a_file_may_name_is_here() -> None:
    missing = {name for name, _ in ARCHITECTURES.values()} - set(registry.names())
    assert missing == set()


def test_a_run_from_the_original_files_end_to_end(tmp_path: Path) -> None:
    """train.csv, val.csv and test.csv of emotion and pixels, as data_path had them."""
    from typer.testing import CliRunner

    from mien.cli.app import app

    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for name, rows in (("train", 21), ("val", 7), ("test", 7)):
        lines = [f"{i % 7},{' '.join(map(str, rng.integers(0, 256, 2304)))}" for i in range(rows)]
        (tmp_path / "data" / f"{name}.csv").write_text("emotion,pixels\n" + "\n".join(lines) + "\n")
    config = write(tmp_path, arch="resnet18", image_size=32, batch_size=7, max_epoch_num=0)
    words = ["train", str(config), "--data", str(tmp_path / "data"), "--out", str(tmp_path / "run"), "--quiet"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run" / "final.safetensors").exists()
