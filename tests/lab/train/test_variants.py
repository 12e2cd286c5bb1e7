from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.datasets.picture_key import picture_keys  # noqa: E402
from mien.datasets.variants import PICTURE  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.train.recipe import Data, Input  # noqa: E402
from mien.lab.train.variants import Variants, made_facts, with_more  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

CPU = torch.device("cpu")


def flat(levels: list[int], **facts: object) -> FaceSet:
    """One picture of each grey level."""
    pixels = np.repeat(np.array(levels, np.uint8), 48 * 48).reshape(-1, 48, 48)
    return FaceSet("flat", pixels, **facts)  # type: ignore[arg-type]


def picked(variants: Variants, faces: FaceSet, rows: list[int], seed: int = 0) -> list[int]:
    index = torch.tensor(rows)
    assert faces.pixels is not None
    originals = torch.from_numpy(faces.pixels)[index, None]
    draw = Draw(torch.Generator().manual_seed(seed), len(rows))
    return [int(p.flatten()[0]) for p in variants.pick(index, originals, draw)]


def test_a_face_gets_each_of_its_own_variants_and_itself_where_it_has_none() -> None:
    faces = flat([1, 2, 3], row=np.array([10, 20, 30]))  # a split's rows are not 0, 1, 2
    made = flat([31, 11, 99, 12, 50], made_from=np.array([30, 10, 77, 10, -1]))
    variants = Variants(faces, made, Input(), CPU)
    seen: list[set[int]] = [set(), set(), set()]
    for seed in range(20):
        for i, level in enumerate(picked(variants, faces, [0, 1, 2], seed)):
            seen[i].add(level)
    assert seen == [{11, 12}, {2}, {31}]


def test_the_last_face_may_be_the_one_without_a_variant() -> None:
    faces = flat([1, 2], row=np.array([0, 1]))
    variants = Variants(faces, flat([11], made_from=np.array([0])), Input(), CPU)
    assert picked(variants, faces, [1, 0, 1]) == [2, 11, 2]


def test_variants_of_other_faces_are_refused() -> None:
    with pytest.raises(MienError, match=r"byol\.variants: flat holds no picture made from a row"):
        Variants(flat([1]), flat([2], made_from=np.array([7])), Input(), CPU)


def keyed(faces: FaceSet, rows: list[int]) -> np.ndarray:
    """What `group` of a made picture says: what stood in the row that it was made from."""
    keys = picture_keys(faces)
    return np.array([PICTURE + keys[row] for row in rows])


def test_a_row_of_another_file_is_no_source() -> None:
    """Two files of one set both have a row 0: what was on the picture tells which is meant."""
    whole = flat([1, 2], row=np.array([0, 0]))
    training, validation = whole.select(np.array([0])), whole.select(np.array([1]))
    made = flat([11, 12], made_from=np.array([0, 0]), group=keyed(whole, [0, 1]))
    assert [picked(Variants(training, made, Input(), CPU), training, [0], seed)[0] for seed in range(9)] == [11] * 9
    assert [picked(Variants(validation, made, Input(), CPU), validation, [0], seed)[0] for seed in range(9)] == [12] * 9


def test_variants_of_what_a_row_showed_before_are_refused() -> None:
    made = flat([11], made_from=np.array([0]), group=keyed(flat([9]), [0]))
    with pytest.raises(MienError, match="holds no picture made from a row"):
        Variants(flat([1]), made, Input(), CPU)


def test_a_row_that_is_there_twice_has_its_variants_twice() -> None:
    faces = flat([1, 2, 1], row=np.array([4, 5, 4]))
    made = flat([11, 12], made_from=np.array([4, 4]), group=keyed(faces, [0, 0]))
    variants = Variants(faces, made, Input(), CPU)
    seen = [picked(variants, faces, [0, 1, 2], seed) for seed in range(20)]
    assert {a for a, _, _ in seen} == {c for _, _, c in seen} == {11, 12}
    assert {b for _, b, _ in seen} == {2}


@pytest.mark.parametrize("told", [False, True])
def test_a_made_picture_among_the_faces_has_no_variants(told: bool) -> None:
    """Row 7 is a face that epochs are chosen on; row 7 of data.more is another thing, learnt from."""
    faces = flat([1, 2], row=np.array([3, 7]), made_from=np.array([-1, 3]))
    group = keyed(flat([1, 5]), [0, 1]) if told else None
    made = flat([11, 77], made_from=np.array([3, 7]), group=group)
    assert {tuple(picked(Variants(faces, made, Input(), CPU), faces, [0, 1], s)) for s in range(9)} == {(11, 2)}


def test_a_probability_of_being_replaced() -> None:
    faces = flat(list(range(200)))
    made = flat([255] * 200, made_from=np.arange(200))
    variants = Variants(faces, made, Input(), CPU)
    index = torch.arange(200)
    assert faces.pixels is not None
    originals = torch.from_numpy(faces.pixels)[:, None]
    numbers = lambda seed: Draw(torch.Generator().manual_seed(seed), 200)  # noqa: E731
    share = [
        float((variants.pick(index, originals, numbers(s), 0.8) == 255)[:, 0, 0, 0].float().mean()) for s in (1, 2)
    ]
    assert share == pytest.approx([0.8, 0.8], abs=0.08)
    first = variants.pick(index, originals, numbers(1), 0.8)
    assert torch.equal(first, variants.pick(index, originals, numbers(1), 0.8))
    assert not torch.equal(first, variants.pick(index, originals, numbers(2), 0.8))
    none = variants.pick(index, originals, numbers(1), 0.0)
    assert torch.equal(none, originals)
    half = Draw(torch.Generator().manual_seed(1), 200, slice(1, None, 2))  # a process with every second face
    assert torch.equal(variants.pick(index[1::2], originals[1::2], half, 0.8), first[1::2])


def labelled(levels: list[int], labels: list[int], **facts: object) -> FaceSet:
    return flat(levels, targets={"fer2013": one_hot(np.array(labels), SEVEN)}, **facts)


def test_pictures_of_another_emotion_are_no_variants_of_a_labelled_face() -> None:
    faces = labelled([1, 2], [0, 3])
    made = labelled([11, 12, 21], [0, 5, 4], made_from=np.array([0, 0, 1]))
    variants = Variants(faces, made, Input(), CPU, schemes=("fer2013",))
    assert {tuple(picked(variants, faces, [0, 1], seed)) for seed in range(20)} == {(11, 2)}
    with pytest.raises(MienError, match=r"data\.variants: flat shows no face's own emotion; name it in data\.more"):
        Variants(faces, made.select(np.array([1, 2])), Input(), CPU, schemes=("fer2013",), key="data.variants")
    with pytest.raises(MienError, match=r"has fer2013 labels, no head learns these \(ferplus\)"):
        Variants(faces, made, Input(), CPU, schemes=("ferplus",), key="data.variants")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two variants of each of forty drawn faces that the tiny generator knows, in every split."""
    pytest.importorskip("onnx")
    from tests.runtime.variants.made_faces import made as make_some

    make_some(tmp_path, tmp_path / "made", drawn_faces(), number=2)
    return tmp_path / "made"


def drawn_faces() -> FaceSet:
    from tests.runtime.variants.made_faces import drawn

    return drawn()


def test_more_are_the_pictures_made_from_these_faces_alone(folder: Path) -> None:
    faces = drawn_faces().in_split("Training")
    whole = with_more(faces, str(folder), ("synthetic",))
    made = load_dataset(folder)
    more = whole.select(whole.made_from >= 0)
    assert len(whole) == len(faces) + len(more)
    assert set(more.made_from.tolist()) <= set(faces.row.tolist())
    assert len(more) == int(np.isin(made.made_from, faces.row).sum()) < len(made)
    assert np.array_equal(more.hard("synthetic"), drawn_faces().hard("synthetic")[more.made_from])
    assert np.isnan(more.targets["ferplus"]).all()
    with pytest.raises(MienError, match="make it with --labels ferplus"):
        with_more(faces, str(folder), ("ferplus",))


def test_more_are_brought_to_the_faces_size(folder: Path) -> None:
    from mien.datasets.synthetic import synthetic

    large = synthetic(40, seed=3, size=48).replace(split=drawn_faces().split).in_split("Training")
    with pytest.raises(MienError, match="holds no picture made from"):  # drawn at another size: other pictures
        with_more(large, str(folder), ("synthetic",))
    faces = drawn_faces().in_split("Training").replace(name="small")
    assert faces.pixels is not None
    colour = faces.replace(pixels=np.repeat(faces.pixels[..., None], 3, axis=3))
    made = flat([9], made_from=np.array([int(faces.row[0])]), targets={"synthetic": faces.targets["synthetic"][:1]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mien.lab.train.variants.load_dataset", lambda _: made)
        whole = with_more(colour, "made", ("synthetic",))
    assert whole.pixels is not None
    assert whole.pixels.shape[1:] == (32, 32, 3)
    assert (whole.pixels[-1] == 9).all()


def test_faces_in_files_are_refused(folder: Path) -> None:
    faces = FaceSet("files", paths=np.array(["a.png"]), targets={"synthetic": one_hot(np.array([3]), SEVEN)})
    with pytest.raises(MienError, match=r"data\.more: made pictures go with a data set of pixels"):
        with_more(faces, str(folder), ("synthetic",))


def test_what_a_spec_says_of_them(folder: Path) -> None:
    found = made_facts(Data(variants=str(folder), more=str(folder), variants_probability=0.5))
    assert found["variants"]["generator"]["name"] == "tiny"
    assert found["variants"] | {"probability": 0.5} == found["variants"]
    assert found["more"]["num_augments"] == 2
    assert "probability" not in found["more"]
    assert made_facts(Data()) == {}
