from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from mien.errors import MienError
from mien.runtime.edited_file import SOURCE_TYPE, animation_file, mark, picture_file, profile_of

TEXT = mark("tiny", "ab" * 32)
RNG = np.random.default_rng(0)


def test_a_png_keeps_its_pixels_and_says_what_it_is(tmp_path: Path) -> None:
    for shape in ((20, 30, 3), (20, 30, 1), (20, 30)):
        pixels = RNG.integers(0, 256, shape, dtype=np.uint8)
        picture_file(tmp_path / "new" / "a.png", pixels, TEXT)
        with Image.open(tmp_path / "new" / "a.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), pixels.squeeze())
            assert picture.info["Comment"] == TEXT == f"mien: edited expression, generator tiny {'ab' * 32}"
            assert SOURCE_TYPE in str(picture.text)


def test_a_jpeg_says_it_too(tmp_path: Path) -> None:
    picture_file(tmp_path / "a.JPG", np.full((20, 30, 3), 90, np.uint8), TEXT)
    with Image.open(tmp_path / "a.JPG") as picture:
        assert picture.format == "JPEG"
        assert picture.info["comment"].decode() == TEXT
        assert picture.getexif()[0x010E] == TEXT
        assert SOURCE_TYPE.encode() in picture.info["xmp"]


def test_an_animation_says_it_and_goes_on_for_ever(tmp_path: Path) -> None:
    frames = [np.full((21, 31, 3), value, np.uint8) for value in (20, 120, 220)]
    assert animation_file(tmp_path / "a.gif", iter(frames), 10, TEXT) == 3
    with Image.open(tmp_path / "a.gif") as picture:
        assert (picture.n_frames, picture.size, picture.info["loop"], picture.info["duration"]) == (3, (31, 21), 0, 100)
        assert picture.info["comment"].decode() == TEXT


def test_a_gif_lasts_as_long_as_was_asked_though_it_counts_in_hundredths(tmp_path: Path) -> None:
    frames = [np.full((8, 8, 3), 5 * (n // 2), np.uint8) for n in range(45)]  # most of them twice: Pillow joins those
    animation_file(tmp_path / "a.gif", iter(frames), 15, TEXT)
    with Image.open(tmp_path / "a.gif") as picture:
        lasting = []
        for n in range(picture.n_frames):
            picture.seek(n)
            lasting.append(picture.info["duration"])
    assert sum(lasting) == 3000


def test_the_colours_profile_is_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name in ("a.png", "a.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name, icc_profile=profile)
        assert profile_of(str(tmp_path / name)) == profile
        picture_file(tmp_path / f"edited-{name}", np.zeros((8, 8, 3), np.uint8), TEXT, profile=profile)
        assert profile_of(str(tmp_path / f"edited-{name}")) == profile
    Image.new("CMYK", (8, 8)).save(tmp_path / "c.jpg", icc_profile=profile)
    assert profile_of(str(tmp_path / "c.jpg")) is None  # its numbers are turned into others
    assert profile_of("no such file") is None


def test_a_video_says_it(tmp_path: Path) -> None:
    frames = [np.full((65, 71, 3), value, np.uint8) for value in (20, 120, 220)]
    assert animation_file(tmp_path / "a.mp4", iter(frames), 10, TEXT) == 3
    with av.open(str(tmp_path / "a.mp4")) as video:
        assert video.metadata["comment"] == TEXT
        made = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert [frame.shape for frame in made] == [(64, 70, 3)] * 3
    assert [round(frame.mean() / 100) for frame in made] == [0, 1, 2]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(MienError, match=r"a\.bmp: written as \.png, \.jpg, \.jpeg"):
        picture_file(tmp_path / "a.bmp", pixels, TEXT)
    with pytest.raises(MienError, match=r"a\.png: written as \.gif, \.mp4"):
        animation_file(tmp_path / "a.png", [pixels], 10, TEXT)
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="cannot be written"):
        picture_file(tmp_path / "file" / "a.png", pixels, TEXT)
    with pytest.raises(MienError, match=r"a frame of 1 x 1 is too small"):
        animation_file(tmp_path / "a.mp4", [np.zeros((1, 1, 3), np.uint8)], 10, TEXT)
    for name in ("a.gif", "a.mp4"):
        with pytest.raises(MienError, match="no frames to write"):
            animation_file(tmp_path / name, [], 10, TEXT)
