from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lab.importers.published import save_esr
from tests.lab.opendr.prepared_faces import NARROW

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.opendr import learner as module  # noqa: E402
from mien.lab.opendr.affectnet_sets import AffectNetCategorical  # noqa: E402
from mien.lab.opendr.image import Image  # noqa: E402
from mien.lab.opendr.learner import FacialEmotionLearner  # noqa: E402


def made(home: Path, **options: Any) -> FacialEmotionLearner:
    settings: dict[str, Any] = {
        "device": "cpu", "temp_path": str(home / "tmp"), "batch_size": 8, "max_training_epoch": 1, "ensemble_size": 2,
        "base_path_experiment": str(home), "base_path_to_dataset": str(home / "data"),
    }  # fmt: skip
    return FacialEmotionLearner(**settings | options)


@pytest.fixture
def loaded(tmp_path: Path, fitted: Any) -> FacialEmotionLearner:
    """A learner of its own, with the fitted weights."""
    learner = made(tmp_path, base_path_to_dataset=fitted.base_path_to_dataset)
    learner.load(2, Path(fitted.base_path_experiment) / "esr_9" / "trained_models")
    return learner


def batch(root: str, n: int = 4) -> Any:
    found = AffectNetCategorical(2, 1000, None, False, root)
    return torch.stack([found[i][0] for i in range(n)])


def test_opendrs_defaults() -> None:
    learner = FacialEmotionLearner(device="cpu")
    assert (learner.lr, learner.batch_size, learner.momentum, learner.ensemble_size) == (0.1, 32, 0.9, 9)
    assert (learner.max_training_epoch, learner.max_tuning_epoch, learner.validation_interval) == (2, 1, 1)
    assert (learner.temp_path, learner.base_path_experiment, learner.name_experiment) == (
        "./temp/",
        "./experiments/",
        "esr_9",
    )
    assert (learner.dimensional_finetune, learner.categorical_train, learner.diversify) == (True, False, False)
    assert (learner.base_path_to_dataset, learner.model, learner.ort_session) == ("./data/AffectNet", None, None)
    assert FacialEmotionLearner(device="cpu", diversity=True).diversify


def test_without_a_gpu_the_cpu_is_used_and_said(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    learner = FacialEmotionLearner()
    learner.init_model(1)
    assert learner.device == "cpu"
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(MienError, match="tpu"):
        FacialEmotionLearner(device="tpu")


def test_after_a_fit_it_answers(fitted: Any, tmp_path: Path) -> None:
    assert fitted.model.get_ensemble_size() == 2
    corrects = fitted.eval("categorical", 1)["running_emotion_corrects"]
    assert len(corrects) == 3
    losses = fitted.eval("dimensional", current_branch_on_training=1)["valence_arousal_losses"]
    assert [len(axis) for axis in losses] == [3, 3]
    assert all(0 < loss < 1 for axis in losses for loss in axis)


def test_infer_says_the_same_of_every_form(loaded: FacialEmotionLearner) -> None:
    faces = batch(loaded.base_path_to_dataset)
    found, affect = loaded.infer(faces)
    assert [type(one).__name__ for one in found] == ["Category"] * 4
    assert tuple(affect.shape) == (4, 2)
    for given in ([Image(face) for face in faces], list(faces), faces.numpy(), (faces * 255).round().byte()):
        same, also = loaded.infer(given)
        assert [one.data for one in same] == [one.data for one in found]
        torch.testing.assert_close(also, affect, atol=1e-4, rtol=1e-4)
    (one,), of_one = loaded.infer(faces[2])
    assert (one.data, one.description, one.confidence) == (found[2].data, found[2].description, found[2].confidence)
    torch.testing.assert_close(of_one, affect[2:3])
    with torch.no_grad():
        emotions, affects, _ = loaded.model(faces)
    torch.testing.assert_close(affect, torch.stack(affects).mean(0))
    votes = [[int(said[i].argmax()) for said in emotions] for i in range(4)]
    assert [one.data for one in found] == [min(each) if each[0] != each[1] else each[0] for each in votes]


def test_a_file_is_turned_to_bgr(loaded: FacialEmotionLearner) -> None:
    found = AffectNetCategorical(2, 1000, None, False, loaded.base_path_to_dataset)
    a, b = loaded.infer(Image.open(found.paths[0]))[1], loaded.infer(found[0][0])[1]
    torch.testing.assert_close(a, b)
    wrong = loaded.infer(Image(Image.open(found.paths[0]).data))[1]
    assert not torch.allclose(wrong, b)


def test_save_and_load(loaded: FacialEmotionLearner, tmp_path: Path, capsys: Any) -> None:
    faces = batch(loaded.base_path_to_dataset)
    loaded.save(loaded.model.to_state_dict(), str(tmp_path / "a"))
    assert "saved in" in capsys.readouterr().err
    loaded.save(path=tmp_path / "b", model_name="mine", current_branch_save=0, verbose=False)
    assert {p.name for p in (tmp_path / "b").iterdir()} == {
        "Net-Base-Shared_Representations.pt", "Net-Branch_1.pt", "mine.json",
    }  # fmt: skip
    other = made(tmp_path)
    other.load(2, str(tmp_path / "a"), fix_backbone=False)  # without init_model
    torch.testing.assert_close(other.infer(faces)[1], loaded.infer(faces)[1])
    assert all(p.requires_grad for p in other.model.parameters())
    other.load(ensemble_size=1, path_to_saved_network=tmp_path / "b")  # whose JSON has another name
    assert other.model.get_ensemble_size() == 1
    assert sum(p.requires_grad for p in other.model.parameters()) == 2  # fix_backbone, with dimensional_finetune
    loaded.save(verbose=False)
    assert (tmp_path / "Net-Branch_2.pt").is_file()  # base_path_experiment
    with pytest.raises(MienError, match="give one"):
        loaded.save(None, tmp_path / "a", path=tmp_path / "b")


def test_published_weights(tmp_path: Path) -> None:
    save_esr(tmp_path / "esr_9", 3, NARROW[:4], NARROW[4:])
    learner = made(tmp_path, dimensional_finetune=False)
    learner.init_model(num_branches=9)
    learner.load(3, path_to_saved_network=tmp_path / "esr_9")
    assert learner.model.get_ensemble_size() == 3
    assert len(learner.infer(np.zeros((2, 3, 96, 96), np.uint8))[0]) == 2


def test_after_optimize_onnx_answers(loaded: FacialEmotionLearner, tmp_path: Path) -> None:
    faces = batch(loaded.base_path_to_dataset)
    found, affect = loaded.infer(faces)
    corrects = loaded.eval("categorical", 1)["running_emotion_corrects"]
    loaded.optimize(do_constant_folding=True)
    assert loaded.ort_session is not None
    assert (tmp_path / "tmp" / "esr_9.onnx").is_file()
    with torch.no_grad():
        for parameter in loaded.model.parameters():
            parameter.fill_(float("nan"))  # whoever asks torch now gets nothing
    again, also = loaded.infer(faces)
    assert [one.data for one in again] == [one.data for one in found]
    torch.testing.assert_close(also, affect, atol=1e-4, rtol=1e-4)
    assert loaded.eval("categorical", 1)["running_emotion_corrects"] == corrects
    loaded.save(path=tmp_path / "parent" / "model", model_name="optimized_pstbln", verbose=False)
    told = json.loads((tmp_path / "parent" / "model" / "optimized_pstbln.json").read_text())
    assert (told["optimized"], told["format"]) == (True, "onnx")
    other = made(tmp_path / "other")
    other.load(path_to_saved_network=tmp_path / "parent" / "model")
    torch.testing.assert_close(other.infer(faces[:1])[1], affect[:1], atol=1e-4, rtol=1e-4)
    assert other.model is None
    other.init_model(1)  # what is new answers, not what was optimised before
    assert other.ort_session is None
    loaded.ort_session = None  # OpenDR's tests switch it off so
    assert loaded.infer(faces)[1].isnan().all()


def test_affect_alone_goes_on_from_what_was_loaded(loaded: FacialEmotionLearner, fitted: Any) -> None:
    kept = fitted.model.to_state_dict()
    loaded.lr = 0.01
    loaded.fit(verbose=False)
    now = loaded.model.to_state_dict()
    for before, after in zip(kept, now, strict=True):
        changed = {key for key in before if not torch.equal(before[key], after[key])}
        assert changed <= {"fc_dimensional.weight", "fc_dimensional.bias"}
    assert not torch.equal(kept[1]["fc_dimensional.weight"], now[1]["fc_dimensional.weight"])
    assert loaded.max_training_epoch == 1  # OpenDR changes it


def test_neither_stage(tmp_path: Path) -> None:
    learner = made(tmp_path, dimensional_finetune=False)
    learner.fit()
    assert learner.model is None
    for call in (lambda: learner.infer(np.zeros((3, 96, 96), np.uint8)), learner.optimize, learner.save, learner.eval):
        with pytest.raises(MienError, match="no model"):
            call()  # type: ignore[no-untyped-call]


def test_downloads_go_to_temp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def fake(path: Path, mode: str, url: str, sha256: str) -> Path:
        asked.append((path, mode, url, sha256))
        return path / mode

    monkeypatch.setattr(module.offers, "download", fake)
    learner = made(tmp_path)
    assert learner.dataset_path == learner.base_path_to_dataset
    assert learner.download(mode="data") == learner.dataset_path == str(tmp_path / "tmp" / "data")
    assert learner.download(str(tmp_path / "x"), "pretrained", "http://here", sha256="ab") == str(
        tmp_path / "x" / "pretrained"
    )
    assert learner.dataset_path == str(tmp_path / "tmp" / "data")
    assert asked[1] == (tmp_path / "x", "pretrained", "http://here", "ab")
    assert asked[0][2].startswith("ftp://opendrdata")


@pytest.mark.slow
def test_one_branch_of_the_true_width_is_fitted_saved_optimised_and_asked(
    tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.lab.opendr.learner.WIDTHS", ())
    learner = made(tmp_path, ensemble_size=1, categorical_train=True, base_path_to_dataset=str(faces), lr=0.01)
    learner.fit(verbose=False)
    assert sum(p.numel() for p in learner.model.parameters()) == 2_594_202
    x = batch(str(faces))
    before = learner.infer(x)[1]
    learner.save(verbose=False)
    learner.load(1, tmp_path)
    learner.optimize()
    torch.testing.assert_close(learner.infer(x)[1], before, atol=1e-3, rtol=1e-3)
