"""What a file is, from its first bytes; names and suffixes are not believed."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff",
    ".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2", ".ico",
})  # fmt: skip
"""Suffixes of files that a folder is searched for, in lower case."""
VIDEO_SUFFIXES = frozenset({
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts", ".mts",
})  # fmt: skip

_OPENERS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "WebP": ("WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "PNM": ("PpmImagePlugin", "PpmImageFile"),
    "AVIF": ("AvifImagePlugin", "AvifImageFile"),
    "JPEG 2000": ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "ICO": ("IcoImagePlugin", "IcoImageFile"),
}


def kind_of(data: bytes) -> str | None:
    """The picture format of an encoded file, or None for anything else."""
    head = data[:32]
    for magic, kind in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF8", "GIF"),
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"II+\0", "TIFF"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"\0\0\1\0", "ICO"),
    ):
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "AVIF"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "PNM"
    return None


def not_a_picture(data: bytes) -> str:
    """What these bytes are instead, and what to do about it: the end of a one-line error."""
    head = data[:512]
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"heif", b"hevc"):
        return "HEIC picture, which cannot be read here; save it as JPEG or PNG"
    if head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3" or head[8:12] == b"AVI ":
        return "a video, not a picture; `mien analyze` reads it where it is named as one"
    if head[:4] == b"%PDF":
        return "a PDF, not a picture; export its pages as PNG"
    if b"\0" not in head and sum(byte < 9 for byte in head) == 0:
        return "text, not a picture; give a JPEG, PNG, WebP, GIF, BMP or TIFF file"
    return "not a picture format known here; save it as JPEG or PNG"


def open_header(kind: str, file: io.BytesIO) -> Image.Image:
    """A PIL image whose size and mode are known and whose pixels are not decoded yet.

    The format's own class is called rather than `Image.open`, which warns on standard error about, or
    refuses, sizes by a limit of the whole process; ours is checked by the caller.

    Raises:
        Exception: whatever Pillow's plugin raises for a broken header.
    """
    module, name = _OPENERS[kind]
    image: Image.Image = getattr(import_module(f"PIL.{module}"), name)(file)
    return image
