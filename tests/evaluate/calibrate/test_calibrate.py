"""What a calibration finds, stores and refuses; and that the bundled models are calibrated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mien.datasets.face_set import FaceSet, one_hot
from mien.errors import MienError
from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.calibrate.calibrate import calibrate_model, reported
from mien.evaluate.calibrate.fitting import fitted
from mien.evaluate.calibrate.measure import emotion_of, measured
from mien.evaluate.calibrate.settings import Settings
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head, ModelSpec
from mien.runtime.catalog import bundled
from mien.runtime.session import OnnxModel

MakePredictions = Any


class Noisy:
    """Answers by a face's left upper pixel, four times surer than it may be: one in three pixels lies."""

    spec = ModelSpec("noisy", "fake", (Head("emotion", "emotion", SEVEN, "fer2013"),), 48, 48)

    def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
        return (8.0 * np.eye(7)[crops[:, 0, 0, 0] % 7]).astype(np.float32)


@pytest.fixture
def faces() -> FaceSet:
    """700 faces: PublicTest and PrivateTest of 300, Training of 100."""
    random = np.random.default_rng(0)
    label = np.arange(700) % 7
    pixels = random.integers(0, 255, (700, 48, 48), np.uint8)
    pixels[:, 0, 0] = np.where(random.random(700) < 0.67, label, random.integers(0, 7, 700))
    split = np.repeat(["Training", "PublicTest", "PrivateTest"], [100, 300, 300])
    return FaceSet("fer2013", pixels=pixels, targets={"fer2013": one_hot(label, SEVEN)}, split=split, content="c0")


def test_a_temperature_mends_what_it_can(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    found = fitted(spec, make_predictions(temperature=2.5), Signs(), Settings())
    assert found.stored["temperature"] == pytest.approx(2.5, rel=0.05)
    assert found.after["top1"] == found.before["top1"]
    assert found.after["ece"] < 3 < found.before["ece"]
    assert found.after["nll"] < found.before["nll"]
    fresh = make_predictions(seed=1, temperature=2.5)
    after = measured(found.head, found.stored, fresh, emotion_of(found.head, found.stored, fresh), Signs())
    assert after["ece"] < 3
    assert after["conformal"]["coverage"] == pytest.approx(90, abs=1.5)
    assert found.spec.calibration == {"emotion": found.stored}
    assert ModelSpec.from_json(found.spec.to_json()) == found.spec


def test_vector_scaling_goes_by_name_and_auto_finds_it(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    bias = np.array([1.0, 0, 0, -1.0, 0, 0, 0.5])
    predictions = make_predictions(bias=bias)
    found = fitted(spec, predictions, Signs(), Settings("auto"))
    assert found.method == "vector"
    got = np.array([found.stored["bias"][name] for name in SEVEN])
    assert got - got.mean() == pytest.approx(bias - bias.mean(), abs=0.2)
    shares = np.bincount(predictions.targets, minlength=7) / len(predictions)
    assert [found.stored["prior"][name] for name in SEVEN] == pytest.approx(shares, abs=5e-3)  # but for the pull
    assert found.compared["vector"]["nll"] < found.compared["temperature"]["nll"]
    assert fitted(spec, make_predictions(), Signs(), Settings("auto")).method == "temperature"


def test_the_measured_faces_have_not_helped(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    few = make_predictions(60)
    found = fitted(spec, few, Signs(), Settings("vector"))
    own = measured(found.head, found.stored, few, emotion_of(found.head, found.stored, few), Signs())
    assert found.after["nll"] > own["nll"]


def test_abstention_is_stored_beside_given_thresholds(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    settings = Settings(abstain_rate=0.2, abstain_by=("confidence", "entropy"), min_size=24, min_sharpness=0.1)
    found = fitted(spec, make_predictions(), Signs(), settings)
    assert set(found.stored["abstain"]) == {"entropy_above", "size_below", "blur_below"}
    assert found.after["abstention"]["rate"] == pytest.approx(20, abs=0.5)
    assert found.after["abstention"]["top1"] > found.after["top1"] + 3
    assert "abstain" not in fitted(spec, make_predictions(), Signs(), Settings()).stored


def test_labels_that_lack_an_emotion_allow_a_temperature_alone(make_predictions: MakePredictions) -> None:
    eight = ModelSpec("m", "tiny", (Head("emotion", "emotion", EMOTIONS, "ferplus"),), 48, 48)
    predictions = make_predictions(temperature=2.0)
    assert predictions.logits is not None
    predictions.logits[:, 7] = -3
    found = fitted(eight, predictions, Signs(), Settings("auto"))
    assert found.method == "temperature"
    assert found.stored["temperature"] == pytest.approx(2.0, rel=0.1)
    assert set(found.stored["prior"]) == set(EMOTIONS)
    with pytest.raises(MienError, match="no face of contempt in PublicTest"):
        fitted(eight, predictions, Signs(), Settings("vector"))


def test_a_model_is_calibrated_on_validation_and_reported_on_test(faces: FaceSet) -> None:
    found = calibrate_model(Noisy(), faces)
    assert found.predictions.split == "PublicTest"
    assert found.stored["fitted_on"] == {
        "data": "fer2013", "data_sha256": "c0", "split": "PublicTest", "labels": "fer2013", "n": 300,
    }  # fmt: skip
    other = reported(found, Noisy(), faces, "PrivateTest", Settings())
    assert other["split"] == "PrivateTest"
    assert other["after"]["ece"] < 6 < 20 < other["before"]["ece"]
    assert found.to_dict()["calibration"] == found.stored


@pytest.mark.parametrize(
    ("split", "words"),
    [
        ("PrivateTest", "PrivateTest is there to report on; calibrate on validation"),
        ("test", "PrivateTest is there to report on"),
        ("all", r"all \(it holds PrivateTest\)"),
        ("Training", "noisy may have learnt Training"),
        ("Fold9", "no split 'Fold9'"),
    ],
)
def test_what_must_not_be_calibrated_on_is_refused(split: str, words: str, faces: FaceSet) -> None:
    with pytest.raises(MienError, match=words):
        calibrate_model(Noisy(), faces, split)


def test_a_training_split_that_others_learnt_will_do(faces: FaceSet) -> None:
    model = Noisy()
    model.spec = model.spec.replace(training={"data_sha256": "other"})
    assert calibrate_model(model, faces, "Training").predictions.split == "Training"
    model.spec = model.spec.replace(training={"data_sha256": "c0"})
    with pytest.raises(MienError, match="may have learnt"):
        calibrate_model(model, faces, "Training")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings("platt"), "--method platt"),
        (Settings(coverage=90), "--coverage 90"),
        (Settings(abstain_rate=10), "--abstain-rate 10"),
        (Settings(abstain_accuracy=0), "--abstain-accuracy 0"),
        (Settings(abstain_rate=0.1, abstain_accuracy=0.9), "give one"),
    ],
)
def test_settings_are_checked(settings: Settings, words: str) -> None:
    with pytest.raises(MienError, match=words):
        settings.check()


def test_merged_classes_are_refused(spec: ModelSpec, make_predictions: MakePredictions) -> None:
    head = Head("e", "classes", ("rest", "happiness"), "fer2013", members=(("anger",), ("happiness",)))
    with pytest.raises(MienError, match="merges emotions"):
        fitted(spec.replace(heads=(head,)), make_predictions(9), Signs(), Settings())


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_models_are_calibrated_and_decline(name: str) -> None:
    spec = OnnxModel(bundled()[name], threads=1).spec
    head = spec.emotion_head
    assert head is not None
    stored = spec.calibration[head.name]
    assert stored["fitted_on"]["split"] == "Validation"  # of the cut by which they learnt
    assert spec.training["protocol"]["name"] == "refit"
    assert stored["conformal_coverage"] == 0.9
    assert 0 < stored["conformal_q"] < 1
    assert 0 < stored["abstain_below"] < 1
    assert set(stored["prior"]) == set(head.labels)
    assert "target_prior" not in stored
