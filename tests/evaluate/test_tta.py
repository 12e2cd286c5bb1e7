from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.predictions import predict
from mien.evaluate.tta import TTA, averaging
from mien.model_spec import Head, ModelSpec


class Leftmost:
    """Says class i of three where the left upper pixel is i; counts the views that it is shown."""

    spec = ModelSpec("left", "fake", (Head("emotion", "emotion", ("anger", "disgust", "fear"), "fer2013"),), 44, 44)

    def __init__(self) -> None:
        self.shown: list[np.ndarray] = []

    def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
        self.shown.append(crops)
        return np.log(np.eye(3)[crops[:, 0, 0, 0].astype(int) % 3] * 0.7 + 0.1).astype(np.float32)


def views(name: str, crops: np.ndarray, side: int, seed: int = 0) -> list[np.ndarray]:
    way = averaging(name)
    assert way is not None
    return list(way.make(crops, side, side, way.random(len(crops), seed)))


def test_ten_crops_are_those_of_the_lab() -> None:
    torch = pytest.importorskip("torch")
    from mien.lab.augment.crop import ten_crop

    crops = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), np.uint8)
    ours = np.stack(views("ten-crop", crops, 44), axis=1).reshape(30, 44, 44, 1)
    theirs = ten_crop(torch.from_numpy(crops.transpose(0, 3, 1, 2)), 44).numpy().transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(ours, theirs)


def test_ten_crops_are_cut_from_a_larger_face() -> None:
    way = averaging("ten-crop")
    assert way is not None
    assert way.size(44, 44) == (48, 48)
    assert way.size(224, 224) == (244, 244)


def test_random_views_are_mirrored_or_not_and_turned_with_black_corners() -> None:
    crops = np.full((40, 32, 32, 1), 200, np.uint8)
    crops[:, :, 20:] = 90
    shown = np.stack(views("resmasking", crops, 32))  # (8, 40, 32, 32, 1)
    assert shown.shape == (8, 40, 32, 32, 1)
    right = shown[:, :, 16, 26:].mean(axis=(2, 3))
    assert 0.4 < (right > 150).mean() < 0.6  # half of them mirrored
    corner = (shown[:, :, :2, :2] == 0).all(axis=(2, 3, 4)).mean()
    assert 0.5 < corner < 1
    np.testing.assert_array_equal(shown, np.stack(views("resmasking", crops, 32)))
    assert (shown != np.stack(views("resmasking", crops, 32, seed=1))).any()


def test_the_mean_is_over_the_views(faces) -> None:
    model = Leftmost()
    found = predict("m", model, faces, "Training", tta="ten-crop")
    assert [part.shape[1:3] for part in model.shown] == [(44, 44)] * 11
    said = np.mean([np.eye(3)[part[:, 0, 0, 0].astype(int) % 3] * 0.7 + 0.1 for part in model.shown[1:]], axis=0)
    assert found.tta == "ten-crop"
    assert found.averaged is not None
    np.testing.assert_allclose(found.averaged[:, :3], said, atol=1e-6)
    assert not np.allclose(found.averaged[:, :3], found.probabilities[:, :3])


def test_a_mirror_runs_the_model_twice_and_random_views_do_not_depend_on_the_batch(faces) -> None:
    model = Leftmost()
    predict("m", model, faces, "Training", tta="mirror")
    assert len(model.shown) == 2
    whole, parts = (predict("m", Leftmost(), faces, "Training", tta="resmasking:3", batch=b) for b in (256, 7))
    np.testing.assert_array_equal(whole.averaged, parts.averaged)
    other = predict("m", Leftmost(), faces, "Training", tta="resmasking:3", seed=5)
    assert (other.averaged != whole.averaged).any()


def test_names() -> None:
    assert averaging(None) is None
    assert averaging("") is None
    assert averaging(True) is averaging("mirror")
    assert averaging("resmasking").views == 8  # type: ignore[union-attr]
    assert averaging("resmasking:10").views == 10  # type: ignore[union-attr]
    assert len(TTA) == 4


@pytest.mark.parametrize("name", ["ten", "mirror:2", "resmasking:", "resmasking:0", "resmasking:x", "resmasking:101"])
def test_what_is_not_known_is_told(name: str) -> None:
    with pytest.raises(MienError, match=r"test-time averaging|K from 1 to 100"):
        averaging(name)
