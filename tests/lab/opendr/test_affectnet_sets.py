from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.lab.opendr.prepared_faces import write_faces

torch = pytest.importorskip("torch")

from torch.utils.data import DataLoader  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.opendr.affectnet_sets import MEAN, STD, AffectNetCategorical, AffectNetDimensional  # noqa: E402


def categorical(root: Path, idx_set: int = 2, most: int = 1000, **options: object) -> AffectNetCategorical:
    settings = {"is_norm_by_mean_std": False} | options
    return AffectNetCategorical(idx_set, most, base_path_to_affectnet=root, **settings)  # type: ignore[arg-type]


def test_a_face_is_bgr_in_0_to_1_with_its_class(faces: Path) -> None:
    found = categorical(faces)
    assert len(found) == 24
    face, label = found[0]
    assert label == int(found.paths[0].stem.split("s")[1])
    rgb = np.asarray(Image.open(found.paths[0]))
    np.testing.assert_allclose(face.numpy(), rgb[..., ::-1].transpose(2, 0, 1) / 255, atol=1e-6)
    assert face[2].mean() > face[0].mean() * 1.5  # the drawn faces are red
    assert AffectNetCategorical.get_class(6) == "Anger"


def test_at_most_so_many_of_each_class(faces: Path) -> None:
    counts = Counter(label for _, label in categorical(faces, 0))
    few = Counter(label for _, label in categorical(faces, 0, 3))
    assert few == {label: min(3, n) for label, n in counts.items()}
    drawn = [categorical(faces, 0, 3, seed=seed).paths for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert categorical(faces, 2, 1, seed=0).paths == categorical(faces, 2, 1, seed=1).paths  # validation in order


def test_batches_of_a_data_loader(faces: Path) -> None:
    x, labels = next(iter(DataLoader(categorical(faces), batch_size=5)))
    assert (tuple(x.shape), x.dtype, labels.dtype) == ((5, 3, 96, 96), torch.float32, torch.int64)
    x, affect = next(iter(DataLoader(dimensional(faces), batch_size=5)))
    assert (tuple(x.shape), tuple(affect.shape), affect.dtype) == ((5, 3, 96, 96), (5, 2), torch.float32)


def test_normalised_and_back(faces: Path) -> None:
    plain, normal = categorical(faces)[3][0], categorical(faces, is_norm_by_mean_std=True)
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    torch.testing.assert_close(normal[3][0], (plain - mean) / std)
    assert MEAN[0] < MEAN[2]  # faces are redder than they are blue
    torch.testing.assert_close(normal.norm_input_to_orig_input(normal[3][0]), plain.flip(0))


def test_transforms_see_a_picture_or_make_a_tensor(faces: Path) -> None:
    plain = categorical(faces)[1][0]
    turned = categorical(faces, transforms=lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    torch.testing.assert_close(turned[1][0], plain.flip(2))
    dark = categorical(faces, transforms=lambda p: torch.zeros(3, p.height, p.width))
    assert float(dark[1][0].sum()) == 0


def dimensional(root: Path, idx_set: int = 2, most: int = 1000) -> AffectNetDimensional:
    return AffectNetDimensional(idx_set, most, None, False, root)


def test_valence_and_arousal_by_quadrant(faces: Path, tmp_path: Path) -> None:
    found = dimensional(faces, 0, 2)
    quadrants = Counter((v >= 0, a >= 0) for _, (v, a) in (found[i] for i in range(len(found))))
    assert max(quadrants.values()) <= 2
    _, affect = found[0]
    np.testing.assert_allclose(affect, [int(x) / 1000 for x in found.paths[0].stem.split("s")[2:]], atol=1e-6)
    write_faces(tmp_path, 2, 1)
    first = next((tmp_path / "Validation" / "0").iterdir())
    for number, labels in enumerate(("8s100s100", "0s-2000s-2000", "9s-2000s-2000", "1s-2000s100"), 5):
        first.with_name(f"{number:07d}s{labels}.jpg").write_bytes(first.read_bytes())
    assert dimensional(tmp_path).paths == [first]  # no emotion, or no affect
    assert len(categorical(tmp_path)) == 3


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="name the folder"):
        AffectNetCategorical()
    (tmp_path / "Validation" / "0").mkdir(parents=True)
    with pytest.raises(MienError, match="no labelled picture in Validation"):
        categorical(tmp_path)
    (tmp_path / "Validation" / "0" / "0000000s1s1s1.jpg").write_bytes(b"no picture")
    with pytest.raises(MienError, match="0000000s1s1s1"):
        categorical(tmp_path)[0]
