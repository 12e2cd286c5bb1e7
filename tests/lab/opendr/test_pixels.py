from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.opendr.image import Image  # noqa: E402
from mien.lab.opendr.pixels import batch_of  # noqa: E402

FACES = np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8)


@pytest.mark.parametrize(
    "given",
    [
        FACES,
        FACES.astype(np.float64) / 255,
        torch.from_numpy(FACES),
        torch.from_numpy(FACES).float() / 255,
        [Image(face) for face in FACES],
        [Image(face.astype(np.float32) / 255) for face in FACES],
        [Image(face[::-1], channel_order="rgb") for face in FACES],
        [Image(face.transpose(1, 2, 0)) for face in FACES],
        list(FACES),
        (torch.from_numpy(FACES[0]), Image(FACES[1])),
        [FACES],
    ],
    ids=[
        "array",
        "floats",
        "tensor",
        "float_tensor",
        "images",
        "float_images",
        "rgb",
        "opencv",
        "list",
        "mixed",
        "nested",
    ],
)
def test_the_same_faces_in_every_form(given: object) -> None:
    batch = batch_of(given)
    assert batch.dtype == torch.float32
    np.testing.assert_allclose(batch.numpy(), FACES / 255, rtol=1e-6)


@pytest.mark.parametrize(
    "given", [FACES[0], torch.from_numpy(FACES[0]), Image(FACES[0])], ids=["array", "tensor", "image"]
)
def test_one_face(given: object) -> None:
    np.testing.assert_allclose(batch_of(given).numpy(), FACES[:1] / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((3, 48, 48), np.uint8), r"\(3, 48, 48\), expected \(3, 96, 96\)"),
        (np.zeros((96, 96, 3), np.uint8), r"channels moved to the front"),
        (np.zeros((2, 1, 96, 96), np.uint8), r"\(1, 96, 96\)"),
        (FACES.astype(np.float32), "float pixels up to 25"),
        ([], "empty list"),
        ("face.jpg", "str is no picture"),
    ],
)
def test_what_is_no_face(given: object, said: str) -> None:
    with pytest.raises(MienError, match=said):
        batch_of(given)
