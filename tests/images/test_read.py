from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mien.errors import MienError
from mien.images.read import name_of, read_image, upright


def scene(height: int = 40, width: int = 60) -> NDArray[np.uint8]:
    """A smooth picture whose four corners differ, so that compression keeps it and rotations show."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], axis=-1).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0), ("BMP", {}, 0), ("TIFF", {}, 0), ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0), ("PPM", {}, 0), ("JPEG", {"quality": 95, "subsampling": 0}, 6),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 6), ("WEBP", {"quality": 95}, 16),
    ],
)  # fmt: skip
def test_formats(tmp_path: Path, kind: str, options: dict[str, object], tolerance: int) -> None:
    path = tmp_path / "picture.of.no.telling.suffix"
    path.write_bytes(encoded(Image.fromarray(scene()), kind, **options))
    read = read_image(path)
    assert read.dtype == np.uint8
    assert read.flags.c_contiguous
    assert np.abs(read.astype(int) - scene()).max() <= tolerance
    np.testing.assert_array_equal(read, read_image(path.read_bytes()))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied_as_pillow_does(orientation: int, kind: str) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(scene()), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    read = read_image(data)
    assert read.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    assert np.abs(read.astype(int) - shown).max() <= (3 if kind == "JPEG" else 0)
    if kind == "PNG":
        np.testing.assert_array_equal(upright(scene(), orientation), read)


def test_first_frame_of_an_animation() -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), v, np.uint8)) for v in (200, 10, 10)]
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert np.abs(read_image(data).astype(int) - 200).max() <= 4, kind


def test_cmyk_jpeg() -> None:
    data = encoded(Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=95, subsampling=0)
    assert np.abs(read_image(data).astype(int) - scene()).max() <= 12


def test_sixteen_bits_keep_the_upper_eight() -> None:
    grey = np.linspace(0, 65535, 40 * 60).reshape(40, 60).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        read = read_image(encoded(Image.fromarray(grey), kind))
        assert np.abs(read[..., 0].astype(int) - (grey >> 8)).max() <= 1, kind
    rgb = np.dstack([grey, grey[::-1], grey])
    read = read_image(png(rgb))
    assert np.abs(read.astype(int) - (rgb >> 8)).max() <= 1


def test_float_and_32_bit_grey() -> None:
    values = np.linspace(0, 1, 100).reshape(10, 10).astype(np.float32)
    assert np.abs(read_image(encoded(Image.fromarray(values), "TIFF"))[..., 0] - 255 * values).max() <= 1
    wide = (values * 60000).astype(np.int32)
    assert np.abs(read_image(encoded(Image.fromarray(wide), "TIFF"))[..., 0].astype(int) - (wide >> 8)).max() <= 1
    with pytest.raises(MienError, match="8 bits"):
        read_image(encoded(Image.fromarray(values * 1000), "TIFF"))


def test_transparency_lies_on_white() -> None:
    rgba = np.dstack([scene(), np.zeros((40, 60), np.uint8)])
    rgba[10:20, 10:20, 3] = 255
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        read = read_image(encoded(Image.fromarray(rgba), kind, **options))
        np.testing.assert_array_equal(read[10:20, 10:20], scene()[10:20, 10:20])
        assert (read[25:] == 255).all()
    half = read_image(Image.fromarray(np.full((2, 2, 4), (0, 0, 0, 128), np.uint8)))
    assert np.abs(half.astype(int) - 127).max() <= 1


def test_palettes_with_and_without_a_transparent_colour() -> None:
    palette = Image.fromarray(scene()).quantize(64)
    np.testing.assert_array_equal(read_image(encoded(palette, "PNG")), np.asarray(palette.convert("RGB")))
    solid = Image.new("P", (4, 4), 1)
    solid.putpalette([0, 0, 0, 9, 80, 200])
    read = read_image(encoded(solid, "PNG", transparency=1))
    assert (read == 255).all()
    bits = Image.fromarray(scene()[..., 0] > 127)
    assert set(np.unique(read_image(encoded(bits, "PNG")))) == {0, 255}


def test_grey_arrays_and_pil_images() -> None:
    grey = scene()[..., 0]
    assert (read_image(grey) == grey[..., None]).all()
    assert read_image(scene()[:, ::-1]).flags.c_contiguous
    np.testing.assert_array_equal(read_image(Image.fromarray(scene())), scene())
    same = scene()
    assert read_image(same) is same


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros(4, np.uint8), np.zeros((0, 4, 3), np.uint8)]
)
def test_other_arrays_are_refused(array: NDArray[np.uint8]) -> None:
    with pytest.raises(MienError, match="array: "):
        read_image(array)


def png(pixels: NDArray[np.uint16]) -> bytes:
    """A 16-bit RGB PNG, which Pillow reads but does not write."""
    h, w = pixels.shape[:2]
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png_chunks(w, h, 16, 2, zlib.compress(lines))


def png_chunks(width: int, height: int, bits: int, colour: int, data: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bad_files() -> dict[str, tuple[Callable[[Path], None], str]]:
    jpeg = encoded(Image.fromarray(scene(400, 600)), "JPEG")
    flat = encoded(Image.new("RGB", (300, 300)), "PNG")
    return {
        "missing": (lambda p: None, "no such file"),
        "empty": (lambda p: p.touch() or None, "the file is empty"),
        "text": (lambda p: p.write_text("dear diary") and None, "text, not a picture"),
        "binary": (lambda p: p.write_bytes(bytes(range(256))) and None, "not a picture format"),
        "folder": (lambda p: p.mkdir(), "a folder"),
        "half": (lambda p: p.write_bytes(jpeg[: len(jpeg) // 2]) and None, "the JPEG file is cut short"),
        "start": (lambda p: p.write_bytes(jpeg[:10]) and None, "JPEG file"),
        "most": (lambda p: p.write_bytes(jpeg[:-40]) and None, "the JPEG file is cut short"),
        "half png": (lambda p: p.write_bytes(flat[: len(flat) // 2]) and None, "PNG file"),
        "garbled": (lambda p: p.write_bytes(flat[:40] + b"\0" * 80 + flat[120:]) and None, "PNG file"),
        "video": (lambda p: p.write_bytes(b"\0\0\0\x20ftypisom" + bytes(99)) and None, "a video"),
        "heic": (lambda p: p.write_bytes(b"\0\0\0\x20ftypheic" + bytes(99)) and None, "HEIC"),
        "pdf": (lambda p: p.write_bytes(b"%PDF-1.7 and so on") and None, "PDF"),
        "bomb": (
            lambda p: p.write_bytes(png_chunks(20_000, 20_000, 8, 2, zlib.compress(bytes(1 << 20)))) and None,
            "20000 x 20000 pixels, more than the limit of 100,000,000",
        ),
    }


@pytest.mark.parametrize("case", list(bad_files()))
def test_bad_files_are_told_in_one_line_that_names_them(tmp_path: Path, case: str) -> None:
    make, words = bad_files()[case]
    path = tmp_path / "bad.jpg"
    make(path)
    with pytest.raises(MienError, match=words) as caught:
        read_image(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)  # the remedy


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(MienError, match="permissions"):
        read_image(path)


def test_a_bomb_costs_no_memory(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")  # not on Windows
    path = tmp_path / "bomb.png"
    line = zlib.compress(bytes(1 + 3 * 20_000) * 200)
    path.write_bytes(png_chunks(20_000, 20_000, 8, 2, line))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MienError, match="20000 x 20000"):
        read_image(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB on Linux
    assert read_image(encoded(Image.new("L", (300, 200)), "PNG"), max_pixels=60_000).shape == (200, 300, 3)
    with pytest.raises(MienError, match="limit of 59,999"):
        read_image(encoded(Image.new("L", (300, 200)), "PNG"), max_pixels=59_999)


def test_one_pixel_is_a_picture() -> None:
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        assert read_image(encoded(Image.new("RGB", (1, 1)), kind)).shape == (1, 1, 3)


def test_bytes_behind_the_end_of_a_jpeg_do_no_harm() -> None:
    data = encoded(Image.fromarray(scene()), "JPEG", quality=95)
    np.testing.assert_array_equal(read_image(data + bytes(5000)), read_image(data))


@pytest.mark.filterwarnings("error")
def test_pillows_own_limit_neither_counts_nor_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # Pillow would warn, and refuse above twice that
    for kind in ("PNG", "JPEG", "GIF", "BMP"):
        assert read_image(encoded(Image.new("L", (60, 60)), kind)).shape == (60, 60, 3)
    for kind in ("WEBP", "TIFF"):  # these plugins count on their own
        with pytest.raises(MienError, match="too many pixels"):
            read_image(encoded(Image.new("L", (60, 60)), kind))
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_names() -> None:
    assert name_of(Path("a/b.jpg")) == str(Path("a/b.jpg"))
    assert [name_of(b""), name_of(np.zeros((1, 1, 3), np.uint8))] == ["bytes", "array"]
    assert name_of(Image.new("L", (1, 1))) == "image"
    with pytest.raises(MienError, match="int: not a picture"):
        read_image(3)  # type: ignore[arg-type]
