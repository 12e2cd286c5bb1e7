from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.lab.opendr.prepared_faces import NARROW

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.checkpoint_file import read_state  # noqa: E402
from mien.lab.importers.esr import BASE, BRANCH  # noqa: E402
from mien.lab.opendr import training  # noqa: E402
from mien.lab.opendr.affectnet_sets import AffectNetCategorical  # noqa: E402
from mien.lab.opendr.category import AFFECTNET  # noqa: E402
from mien.lab.opendr.evaluation import evaluate  # noqa: E402
from mien.lab.opendr.published_esr import PublishedEsr  # noqa: E402
from mien.lab.opendr.saved import read_net, write_states  # noqa: E402
from mien.lab.opendr.training import Plan, train_affect, train_categories  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402


def plan(folder: Path, data: Path, **changes: Any) -> Plan:
    made = Plan(
        folder=folder, name="esr_9", data=data, branches=2, diversify=False, widths=NARROW, lr=0.1, momentum=0.9,
        batch=16, first_epochs=1, epochs=1, validate_every=1, device="cpu", quiet=True,
    )  # fmt: skip
    return replace(made, **changes)


def rows(log: Path) -> list[dict[str, str]]:
    with log.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_recipes_are_the_methods_own(fitted: Any) -> None:
    """Not OpenDR's code's: its rate falls every ten batches, and one draw is for all branches."""
    home = Path(fitted.base_path_experiment) / "esr_9"
    first = read_recipe(home / "categorical" / "recipe.toml")
    train, esr = first.train, first.esr
    assert (train.schedule, train.per_epoch, train.step_epochs, train.factor) == ("step", True, 10, 0.5)
    assert (train.optimiser, train.lr, train.momentum, train.weight_decay, train.nesterov) == (
        "sgd",
        0.05,
        0.9,
        0,
        False,
    )
    assert (esr.base_lr, esr.old_lr, esr.redraw, esr.per_class, esr.diversity) == (
        0.005,
        0.005,
        True,
        5000,
        "corrected",
    )
    assert (esr.first_epochs, esr.epochs) == (2, 1)
    log = rows(home / "categorical" / "log.csv")
    assert [(row["branch"], row["epoch"]) for row in log] == [("1", "1"), ("1", "2"), ("2", "1")]
    assert {float(row["lr"]) for row in log} == {0.05}  # after twelve batches of the first branch
    second = read_recipe(next(home.glob("dimensional/run/recipe.toml")))
    assert (second.esr.learns, second.esr.epochs, second.esr.first_epochs) == ("affect", 1, 1)


def test_affect_leaves_all_else_as_it_was(fitted: Any) -> None:
    home = Path(fitted.base_path_experiment) / "esr_9"
    before = load_file(next(home.glob("dimensional/init-*.safetensors")))
    after = load_file(home / "dimensional" / "run" / "final.safetensors")
    changed = {key for key in after if not torch.equal(before[key], after[key])}
    assert changed == {f"branch.{b}.fc_dimensional.{w}" for b in range(2) for w in ("weight", "bias")}


def test_what_is_kept_is_what_was_trained(fitted: Any, faces: Path) -> None:
    """OpenDR's files, of BGR and AffectNet's order, say what the run of ours says, of RGB and our order."""
    home = Path(fitted.base_path_experiment) / "esr_9"
    net = read_net(home / "trained_models", 2, False, BASE, BRANCH).eval()
    ours, spec = load_net(home / "dimensional" / "run")
    order = [spec.heads[0].labels.index(name) for name in AFFECTNET]
    bgr = torch.stack([face for face, _ in (AffectNetCategorical(2, 9, None, False, faces)[i] for i in range(6))])
    with torch.no_grad():
        emotions, affect = net.said(bgr)
        said = ours.branch_logits(ours.pool(ours.features(bgr.flip(1))))
        told = evaluate(net.said, "categorical", str(faces), 2, 2, 24)["running_emotion_corrects"]
    torch.testing.assert_close(said[..., :8][..., order], emotions)
    torch.testing.assert_close(said[..., 8:], affect)
    log = rows(home / "categorical" / "log.csv")
    shares = [float(log[-1][f"val_top1_branch_{b}"]) for b in (1, 2)]  # of the second branch's only epoch
    assert [100 * n / 24 for n in told[:2]] == pytest.approx(shares, abs=1e-3)
    assert (home / "trained_models" / "esr_9.json").is_file()


def test_a_training_that_was_stopped_goes_on_and_one_that_was_done_begins_anew(
    tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = training.train

    def stopping(*args: Any, **options: Any) -> Any:
        def stop(row: dict[str, Any]) -> None:
            if row["branch"] == 2:
                raise KeyboardInterrupt

        return inner(*args, **options, on_epoch=stop)

    whole = train_categories(plan(tmp_path / "whole", faces))
    monkeypatch.setattr(training, "train", stopping)
    with pytest.raises(KeyboardInterrupt):
        train_categories(plan(tmp_path / "stopped", faces))
    resumed: list[bool] = []

    def seeing(*args: Any, **options: Any) -> Any:
        resumed.append(options["resume"])
        return inner(*args, **options)

    monkeypatch.setattr(training, "train", seeing)
    again = train_categories(plan(tmp_path / "stopped", faces))
    train_categories(plan(tmp_path / "stopped", faces))
    assert resumed == [True, False]
    for a, b in zip(whole.to_state_dict(), again.to_state_dict(), strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a if "fc_dimensional" not in key)


def test_esr_star_of_other_widths_on_disk_learns_affect(tmp_path: Path, faces: Path) -> None:
    wide = (16,) * 8
    made = plan(tmp_path, faces, diversify=True, branches=1)
    begin = PublishedEsr(1, True, wide)
    begin.convolutional_branches[0].get_submodule("fc_dimensional").bias.data.fill_(2.0)  # type: ignore[operator]
    write_states(made.models, "esr_9", begin.to_state_dict())
    net = train_affect(replace(made, widths=(), epochs=4))  # the widths are those of the files
    assert (net.attends, net.widths) == (True, wide)
    own, kept = begin.to_state_dict()[1], read_state(made.models / "Net-Branch_1.pt")
    assert torch.equal(own["cbam4.SpatialGate.spatial.conv.weight"], kept["cbam4.SpatialGate.spatial.conv.weight"])
    assert not torch.equal(own["fc_dimensional.weight"], kept["fc_dimensional.weight"])
    with torch.no_grad():
        told = [evaluate(each.eval().said, "dimensional", str(faces), 1, 1, 24) for each in (begin, net)]
    errors = [each["valence_arousal_losses"] for each in told]
    assert all(after[-1] < 0.6 * before[-1] for before, after in zip(*errors, strict=True))  # it has learnt


def test_what_cannot_be_trained(tmp_path: Path, faces: Path) -> None:
    with pytest.raises(MienError, match="no folder Training_Labeled; pre_process_affect_net makes"):
        train_categories(plan(tmp_path / "a", tmp_path))
    with pytest.raises(MienError, match="no trained ensemble; fit with categorical_train=True first"):
        train_affect(plan(tmp_path / "a", faces))
    with pytest.raises(MienError, match=r"FacialEmotionLearner: train\.epochs must be 1 or more and train\.batch 2"):
        train_categories(plan(tmp_path / "a", faces, batch=1))
    with pytest.raises(MienError, match=r"esr\.first_epochs"):
        train_categories(plan(tmp_path / "a", faces, first_epochs=0))
