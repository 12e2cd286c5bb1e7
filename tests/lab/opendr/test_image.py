from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from mien.errors import MienError
from mien.lab.opendr.image import Image

BGR = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def test_channels_first_stays_as_it_is_and_opencv_gets_its_own_back() -> None:
    image = Image(BGR)
    assert image.data.dtype == np.uint8
    np.testing.assert_array_equal(image.data, BGR)
    cv = BGR.transpose(1, 2, 0)
    np.testing.assert_array_equal(image.opencv(), cv)
    np.testing.assert_array_equal(Image(cv).data, BGR)  # channels last are seen
    np.testing.assert_array_equal(Image(cv).opencv(), cv)


def test_a_file_is_rgb(tmp_path: Path) -> None:
    red = np.zeros((6, 7, 3), np.uint8)
    red[..., 0] = 255
    Pictures.fromarray(red).save(tmp_path / "red.png")
    image = Image.open(tmp_path / "red.png")
    assert image.data.shape == (3, 6, 7)
    assert image.data[:, 0, 0].tolist() == [255, 0, 0]
    assert image.opencv()[0, 0].tolist() == [0, 0, 255]
    assert image.convert("channels_first", "rgb")[:, 0, 0].tolist() == [255, 0, 0]


def test_floats_stay_floats() -> None:
    """OpenDR casts them to uint8: a face in 0..1 is black then."""
    image = Image(BGR / 255)
    assert image.data.dtype == np.float32
    np.testing.assert_allclose(image.numpy(), BGR / 255, rtol=1e-6)
    assert Image(BGR / 255, dtype=np.uint8).data.max() == 0
    copy = image.numpy()
    copy[:] = 7
    assert image.data.max() < 1


def test_a_tensor_is_an_array() -> None:
    torch = pytest.importorskip("torch")
    np.testing.assert_array_equal(Image(torch.from_numpy(BGR)).data, BGR)


@pytest.mark.parametrize(
    ("data", "said"),
    [(np.zeros((4, 5)), "expected numbers"), ("face.jpg", "expected numbers"), ([[1], [1, 2]], "not an array")],
)
def test_what_is_no_picture(data: object, said: str) -> None:
    with pytest.raises(MienError, match=said):
        Image(data)


def test_other_words_and_nothing_in_it() -> None:
    with pytest.raises(MienError, match="empty"):
        str(Image())
    with pytest.raises(MienError, match="channel_order 'grb'"):
        Image(BGR, channel_order="grb")
    with pytest.raises(MienError, match="expected channels_first"):
        Image(BGR).convert("channels_middle")
