from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.checkpoint import load_weights  # noqa: E402
from mien.lab.train.method import Method  # noqa: E402
from mien.lab.train.recipe import Augment, Balance, Data, Input, Model, Recipe, Train  # noqa: E402
from mien.lab.train.run import Trained, train  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

TINY = Model("small", {"widths": [8, 8, 8], "depths": [1, 1, 1], "stem": 4, "dropout": 0.0})
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \S.*")


def faces(n: int = 112) -> FaceSet:
    """Seven emotions, each a bright square of its own place in noise; a quarter to choose on."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 7
    pixels = rng.normal(110, 30, (n, 16, 16))
    for i, label in enumerate(labels):
        pixels[i, 4 * (label // 4) : 4 * (label // 4) + 4, 4 * (label % 4) : 4 * (label % 4) + 4] += 100
    split = np.where(np.arange(n) // 7 % 4 == 3, "PublicTest", "Training")
    target = one_hot(labels, SEVEN)
    return FaceSet("squares", pixels=pixels.clip(0, 255).astype(np.uint8), targets={"fer2013": target}, split=split)


def recipe(*, data: Data | None = None, balance: Balance | None = None, init: str = "", **settings: Any) -> Recipe:
    settings = {
        "epochs": 2,
        "batch": 28,
        "optimiser": "adamw",
        "lr": 0.01,
        "warmup": 0.0,
        "precision": "fp32",
    } | settings
    return Recipe(
        name="r", model=TINY, input=Input(16, 16), augment=Augment(flip=0.0), train=Train(**settings),
        data=data or Data(), balance=balance or Balance(), init=init,
    )  # fmt: skip


def run(plan: Recipe, out: Path, **options: Any) -> Trained:
    return train(plan, faces(), out, device="cpu", quiet=True, **options)


def diary(out: Path) -> list[str]:
    lines = (out / "train.log").read_text(encoding="utf-8").splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    return [line.split("  ", 1)[1] for line in lines]


def test_a_dropped_emotion_shrinks_the_head(tmp_path: Path) -> None:
    done = run(recipe(data=Data(drop=("disgust",)), epochs=1), tmp_path)
    labels = done.spec.heads[0].labels
    assert labels == tuple(e for e in SEVEN if e != "disgust")
    assert load_file(tmp_path / "final.safetensors")["head.weight"].shape == (6, 8)
    assert open_run(tmp_path, "cpu").logits(np.zeros((2, 16, 16, 1), np.uint8)).shape == (2, 6)
    assert done.spec.training["n_train"] == 72  # 84 less a seventh
    assert "val_recall_disgust" not in done.log[0]


def test_merged_emotions_make_a_head_of_classes(tmp_path: Path) -> None:
    rest = [e for e in SEVEN if e != "happiness"]
    done = run(recipe(data=Data(merge={"rest": rest}), epochs=1), tmp_path)
    (head,) = done.spec.heads
    assert (head.kind, head.labels, head.members[0]) == ("classes", ("rest", "happiness"), tuple(rest))
    assert {"val_recall_rest", "val_recall_happiness"} <= done.log[0].keys()


def test_a_run_without_progress_ends_early_and_says_so(tmp_path: Path) -> None:
    done = run(recipe(epochs=9, early_stop=2, lr=0.0), tmp_path)
    assert len(done.log) == 3
    assert diary(tmp_path)[-1] == "done after epoch 3, early"
    assert (tmp_path / "final.safetensors").exists()
    again = run(recipe(epochs=9, early_stop=2, lr=0.0), tmp_path, resume=True)
    assert len(again.log) == 3


def test_swa_keeps_the_mean_of_what_epochs_ended_with(tmp_path: Path) -> None:
    """The last two of four: with a constant rate and no draws but the seed's, a plain run has the same ends."""
    ends: list[dict[str, torch.Tensor]] = []
    plain = tmp_path / "plain"
    run(
        recipe(epochs=4, schedule="constant"),
        plain,
        on_epoch=lambda _: ends.append(load_file(plain / "last.safetensors")),
    )
    done = run(recipe(epochs=4, schedule="constant", swa=0.5), tmp_path / "swa")
    kept = load_file(tmp_path / "swa" / "final.safetensors")
    for key in ("head.weight", "blocks.0.first.0.weight"):
        torch.testing.assert_close(kept[key], (ends[2][key] + ends[3][key]) / 2)
    assert kept["blocks.0.first.1.running_var"].isfinite().all()
    assert [r["train_loss"] for r in done.log] == [
        r["train_loss"] for r in run(replace(recipe(epochs=4, schedule="constant")), tmp_path / "b").log
    ]


def test_frozen_stages_thaw_one_by_one(tmp_path: Path) -> None:
    seen: list[dict[str, torch.Tensor]] = []
    plan = recipe(epochs=3, freeze="trunk", unfreeze=(0.3, 0.6))
    run(plan, tmp_path, on_epoch=lambda _: seen.append(load_file(tmp_path / "last.safetensors")))

    def moved(a: int, b: int) -> set[str]:
        return {key.rsplit(".", 1)[0] for key in seen[a] if not torch.equal(seen[a][key], seen[b][key])}

    assert "head" in moved(0, 1)
    assert all(part.startswith(("head", "blocks.2")) for part in moved(0, 1))
    assert all(part.startswith(("head", "blocks.2", "blocks.1")) for part in moved(1, 2))
    assert any(part.startswith("blocks.1") for part in moved(1, 2))
    said = [line for line in diary(tmp_path) if "stages learn" in line]
    assert said == [f"epoch {e}: {e} of 5 stages learn" for e in (1, 2, 3)]


def test_a_frozen_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def stop(row: dict[str, Any]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    plan = recipe(epochs=4, freeze="trunk", unfreeze=(0.25, 0.75), swa=0.25)
    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path / "stopped", on_epoch=stop)
    run(plan, tmp_path / "stopped", resume=True)
    run(plan, tmp_path / "whole")
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("stopped", "whole"))
    assert all(torch.equal(a[key], b[key]) for key in b)
    assert "resumed after epoch 2" in "\n".join(diary(tmp_path / "stopped"))


def test_a_run_starts_where_another_ended(tmp_path: Path) -> None:
    run(recipe(epochs=1), tmp_path / "first")
    plan = recipe(epochs=1, lr=0.0, init=str(tmp_path / "first"), data=Data(drop=("disgust",)))
    done = run(plan, tmp_path / "second")
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("first", "second"))
    assert all(torch.equal(a[k], b[k]) for k in a if k.endswith("weight") and not k.startswith("head"))
    assert a["head.weight"].shape != b["head.weight"].shape
    assert done.spec.training["init"] == str(tmp_path / "first")


def test_status_lines_have_a_time_a_step_and_a_rate(tmp_path: Path) -> None:
    run(recipe(epochs=1, steps=5, status=2, schedule="constant"), tmp_path)
    lines = diary(tmp_path)
    assert lines[0] == "started; 84 faces, 5 steps of 28 an epoch, 1 x cpu, fp32"
    status = [line for line in lines if " step " in line]
    assert [re.sub(r"loss \S+", "loss L", line) for line in status] == [
        f"epoch 1 step {step}/5  loss L  lr 0.01" for step in (2, 4)
    ]
    assert lines[-1] == "done after epoch 1"


@pytest.mark.parametrize("sampler", ["weighted", "balanced"])
def test_evened_out_runs_learn(sampler: str, tmp_path: Path) -> None:
    balance = Balance(sampler=sampler, class_weights="effective", focal=1.0, logit_adjustment=0.5)
    done = run(recipe(epochs=2, steps=8, balance=balance), tmp_path)
    assert done.log[1]["train_loss"] < done.log[0]["train_loss"]
    assert done.log[0]["faces_per_s"] > 0


@pytest.mark.parametrize("schedule", ["plateau", "step", "one_cycle"])
def test_schedules_reach_the_log(schedule: str, tmp_path: Path) -> None:
    plan = recipe(epochs=3, lr=1e-9, schedule=schedule, patience=0, step_epochs=1, factor=0.5)
    rates = [row["lr"] / 1e-9 for row in run(plan, tmp_path).log]
    assert rates[-1] < rates[0] or schedule == "one_cycle"
    if schedule == "step":
        assert rates == pytest.approx([1, 0.5, 0.25])
    if schedule == "plateau":  # nothing gets better at such a rate; the second epoch tells, the third is slower
        assert rates == pytest.approx([1, 1, 0.5])


def test_a_network_of_another_kind_is_refused_by_key(tmp_path: Path) -> None:
    run(recipe(epochs=1), tmp_path / "first")
    other = replace(recipe(init=str(tmp_path / "first")), model=Model("small", {**TINY.options, "widths": [8, 8, 12]}))
    with pytest.raises(MienError, match=r"blocks\.2\.first\.0\.weight is \(8, 8, 3, 3\), this recipe's is \(12, 8"):
        run(other, tmp_path / "second")


def test_averaging_leaves_a_frozen_trunk_as_it_is(tmp_path: Path) -> None:
    run(recipe(epochs=1), tmp_path / "first")
    plan = recipe(epochs=3, freeze="trunk", swa=0.3, init=str(tmp_path / "first"))
    run(plan, tmp_path / "second")
    a, b = (load_file(tmp_path / name / "final.safetensors") for name in ("first", "second"))
    assert {k for k in a if not torch.equal(a[k], b[k])} == {"head.weight", "head.bias"}


def test_epochs_between_validations_leave_their_cells_empty(tmp_path: Path) -> None:
    done = run(recipe(epochs=6, validate_every=2, lr=0.0, schedule="plateau", patience=1, early_stop=4), tmp_path)
    assert len(done.log) == 6  # the first validation is that of epoch 2; four epochs later there is no better one
    asked = [any(key.startswith("val_") for key in row) for row in done.log]
    assert asked == [False, True] * 3
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:3] == ["epoch", "train_loss", "val_loss"]
    assert [row["val_top1"] == "" for row in rows] == [True, False] * 3
    assert all(row["train_loss"] and row["lr"] for row in rows)
    assert done.spec.scores["validation"]["epoch"] == 6
    assert (tmp_path / "plots" / "curves.png").exists()


def test_the_last_epoch_is_always_validated_and_a_resumed_run_keeps_the_gaps(tmp_path: Path) -> None:
    def stop(row: dict[str, Any]) -> None:
        if row["epoch"] == 1:
            raise KeyboardInterrupt

    plan = recipe(epochs=3, validate_every=10)
    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path, on_epoch=stop)
    assert not (tmp_path / "best.safetensors").exists()
    done = run(plan, tmp_path, resume=True)
    assert ["val_top1" in row for row in done.log] == [False, False, True]
    a, b = (load_file(tmp_path / f"{name}.safetensors") for name in ("best", "final"))
    assert all(torch.equal(a[key], b[key]) for key in b)


@pytest.mark.parametrize(("later", "epoch"), [(False, 1), (True, 3)])
def test_of_equal_epochs_the_first_is_kept_or_the_last(
    later: bool, epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Method, "later_ties", later)
    run(recipe(epochs=3, lr=0.0), tmp_path)
    _, spec = load_weights(tmp_path / "best.safetensors")
    assert spec.scores["validation"]["epoch"] == epoch
