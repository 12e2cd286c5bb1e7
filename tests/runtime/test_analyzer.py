from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.images.read import read_image
from mien.labels import EMOTIONS, NO_UNIT
from mien.model_spec import Head
from mien.runtime.analyzer import Analyzer

TinyModel = Callable[..., Path]


@pytest.fixture
def whole(tiny_model: TinyModel) -> Analyzer:
    return Analyzer(tiny_model(), "none", threads=1, batch=4)


def shade(value: int, size: tuple[int, int] = (48, 48)) -> NDArray[np.uint8]:
    return np.full((*size, 3), value, np.uint8)


def test_every_kind_of_source_gives_the_same(whole: Analyzer, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(array).save(path)
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    results = [whole(s) for s in (array, path, str(path), buffer.getvalue(), Image.fromarray(array))]
    for found in results:
        assert len(found) == 1
        assert found.source == ("whole",)
        np.testing.assert_array_equal(found.emotion, results[0].emotion)
    assert [r.input for r in results] == ["array", str(path), str(path), "bytes", "image"]


def test_brightness_decides_in_the_tiny_model(whole: Analyzer) -> None:
    assert whole(shade(0)).top == [EMOTIONS[0]]
    assert whole(shade(255)).top == [EMOTIONS[-1]]


def test_detected_faces_are_cropped_by_the_models_rule(tiny_model: TinyModel, portrait: NDArray[np.uint8]) -> None:
    faces = {}
    for factor in (1.0, 2.0):
        analyzer = Analyzer(tiny_model(crop={"builtin": factor}), "builtin", threads=1)
        faces[factor] = analyzer(portrait)
        assert len(faces[factor]) == 1
        assert faces[factor].landmarks is not None
    # twice the side takes in background, which is darker than the face
    assert faces[1.0].emotion.argmax() > faces[2.0].emotion.argmax()
    crops = analyzer.crops(portrait, faces[2.0])
    assert crops.shape == (1, 48, 48, 1)


def test_batches_run_over_pictures_and_keep_the_order(whole: Analyzer, tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 255, 37)
    found = list(whole.analyze_many(shade(int(v)) for v in values))
    assert len(found) == 37
    for value, faces in zip(values, found, strict=True):
        np.testing.assert_allclose(faces.emotion, whole(shade(int(value))).emotion, atol=1e-6)


def test_one_bad_file_among_a_thousand_loses_none_of_the_others(whole: Analyzer, tmp_path: Path) -> None:
    paths = []
    for i in range(1000):
        paths.append(tmp_path / f"{i:04d}.png")
        Image.fromarray(np.full((8, 8), i % 256, np.uint8)).save(paths[-1])
    paths[500].write_bytes(b"")
    paths[501].write_text("not a picture")
    paths[502].unlink()
    found = list(whole.analyze_many(paths))
    assert [f.input for f in found] == [str(p) for p in paths]
    assert [i for i, f in enumerate(found) if f.error] == [500, 501, 502]
    assert sum(map(len, found)) == 997
    assert found[500].error == "the file is empty; copy or download it again"


def test_a_generator_of_sources_is_read_only_a_little_ahead(whole: Analyzer) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield shade(100)

    results = whole.analyze_many(endless())  # type: ignore[arg-type]
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken < 20


def test_a_data_set_goes_row_by_row(whole: Analyzer) -> None:
    pixels = np.stack([np.full((48, 48), v, np.uint8) for v in range(0, 250, 25)])
    face_set = FaceSet("fer2013", pixels=pixels, file=np.full(10, "test.csv"), row=np.arange(5, 15))
    found = list(whole.analyze_set(face_set))
    assert [f.input for f in found[:2]] == ["test.csv:5", "test.csv:6"]
    for faces, picture in zip(found, pixels, strict=True):
        np.testing.assert_allclose(faces.emotion, whole(picture).emotion, atol=1e-6)


def test_a_data_set_of_paths(whole: Analyzer, tmp_path: Path) -> None:
    Image.fromarray(shade(9)).save(tmp_path / "x.png")
    Image.fromarray(shade(250)).save(tmp_path / "y.png")
    paths = np.array([str(tmp_path / name) for name in ("x.png", "y.png")])
    dark, bright = whole.analyze_set(FaceSet("folder", paths=paths))
    assert (dark.top, bright.top) == ([EMOTIONS[0]], [EMOTIONS[-1]])


def test_heads_for_units_and_affect_reach_the_faces(tiny_model: TinyModel) -> None:
    heads = (
        Head("emotion", "emotion", EMOTIONS[:7], "fer2013"),
        Head("units", "action_units", ("AU06", "AU12"), "synthetic", "sigmoid"),
        Head("affect", "valence_arousal", ("valence", "arousal"), "synthetic", "tanh"),
    )
    faces = Analyzer(tiny_model(heads=heads), "none")(shade(128))
    assert set(faces.action_units) == {"AU06", "AU12"}
    assert faces.valence is not None
    assert np.isnan(faces.emotion[0, 7])
    assert {"AU06", "valence", "arousal"} <= set(next(faces.rows()))


def test_no_face_gives_no_rows_and_no_error(tiny_model: TinyModel) -> None:
    analyzer = Analyzer(tiny_model(), "builtin")
    for picture in (shade(120, (1, 1)), shade(120, (300, 200))):
        faces = analyzer(picture)
        assert len(faces) == 0
        assert faces.error is None
    assert len(list(analyzer.analyze_many([]))) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"model": "nosuch"}, "unknown model"), ({"detector": "haar"}, "unknown detector"), ({"batch": 0}, "batch 0")],
)
def test_bad_settings_are_told_in_one_line(tiny_model: TinyModel, changes: dict[str, object], words: str) -> None:
    with pytest.raises(MienError, match=words):
        Analyzer(**{"model": tiny_model(), **changes})  # type: ignore[arg-type]


def test_unreadable_pictures_raise_when_asked_for_one(whole: Analyzer, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no such file"):
        whole(tmp_path / "gone.jpg")


def test_a_read_picture_is_taken_as_it_is(whole: Analyzer, tmp_path: Path) -> None:
    Image.fromarray(shade(30)).save(tmp_path / "a.png")
    picture = read_image(tmp_path / "a.png")
    assert read_image(picture) is picture


def test_a_model_of_merged_classes_is_refused(tiny_model: TinyModel) -> None:
    head = Head("emotion", "classes", ("rest", "happiness"), "fer2013", members=(("anger",), ("happiness",)))
    with pytest.raises(MienError, match=r"names no emotions one by one \(rest, happiness\)"):
        Analyzer(tiny_model(heads=(head,)), "none")


def test_faces_that_are_small_or_blurred_are_declined(tiny_model: TinyModel, portrait: NDArray[np.uint8]) -> None:
    def declined(rules: dict[str, float]) -> list[bool]:
        model = tiny_model(calibration={"emotion": {"abstain": rules}})
        pictures = [portrait, cv2.GaussianBlur(portrait, (0, 0), 25), shade(9), portrait[100:340:6, 200:440:6]]
        found = list(Analyzer(model, "none", threads=1).analyze_many(pictures))
        return [bool(faces.abstain[0]) for faces in found if faces.abstain is not None]

    assert declined({}) == [False] * 4
    assert declined({"size_below": 48.0}) == [False, False, False, True]
    assert declined({"blur_below": 0.05}) == [False, True, True, False]
    assert declined({"disagreement_above": 0.0}) == [False] * 4  # a model without branches


def test_branches_that_disagree_decline(tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.runtime.session import OnnxModel, Outputs

    plain = OnnxModel.run

    def voting(self: OnnxModel, crops: NDArray[np.uint8]) -> Outputs:
        said = plain(self, crops)
        branches = np.zeros((len(crops), 2, 8), np.float32)
        branches[:, 0, 0] = branches[:, 1, 1] = crops.mean(axis=(1, 2, 3))  # the brighter, the further apart
        return said._replace(branch_logits=branches)

    model = tiny_model(calibration={"emotion": {"abstain": {"disagreement_above": 0.5}}})
    monkeypatch.setattr(OnnxModel, "run", voting)
    analyzer = Analyzer(model, "none", threads=1, batch=2)
    found = analyzer.analyze_many([shade(0), shade(255), shade(1), shade(200)])
    assert [bool(faces.abstain[0]) for faces in found if faces.abstain is not None] == [False, True, False, True]


def test_a_model_without_emotions_says_what_it_has(tiny_model: TinyModel) -> None:
    units = Head("units", "action_units", ("AU12", NO_UNIT), "x", "sigmoid")
    affect = Head("affect", "valence_arousal", ("valence", "arousal"), "x", "tanh")
    strong = Head("strong", "intensity", ("AU04", "AU12"), "x", "none")
    for at, heads in enumerate(((units,), (affect,), (strong,), (units, affect, strong))):
        faces = Analyzer(tiny_model(f"t{at}", heads=heads), "none")(shade(200))
        assert np.isnan(faces.emotion).all()
        assert (faces.top, faces.abstain.tolist()) == ([None], [False])  # type: ignore[union-attr]
        assert set(faces.action_units) == ({"AU12"} if units in heads else set())
        assert set(faces.intensity) == ({"AU04", "AU12"} if strong in heads else set())
        assert (faces.valence is not None) == (affect in heads)
        row = next(faces.rows())
        assert (row["emotion"], row["confidence"], row["set"], row["abstain"]) == (None, None, None, 0)


def test_emotions_beside_units_and_stored_thresholds(tiny_model: TinyModel) -> None:
    both = Head("both", "emotion_units", ("fear", "AU12", "happiness"), "synthetic", "sigmoid")
    stored = {"both": {"thresholds": {"AU12": 1e-9}}}
    plain = Analyzer(tiny_model(heads=(both,)), "none")(shade(255))
    fitted = Analyzer(tiny_model("fitted", heads=(both,), calibration=stored), "none")(shade(255))
    assert plain.top == fitted.top == ["happiness"]
    assert np.nansum(plain.emotion) == pytest.approx(1)
    assert 1e-9 < plain.action_units["AU12"][0] < 0.5
    assert (plain.shown, fitted.shown) == ({"AU12": np.array([False])}, {"AU12": np.array([True])})
