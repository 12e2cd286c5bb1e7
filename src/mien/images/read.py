"""A picture from a path, bytes, a PIL image or an array -> uint8 RGB as displayed."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.images.kind import kind_of, not_a_picture, open_header

if TYPE_CHECKING:
    from PIL import Image

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[np.uint8] | Image.Image"

MAX_PIXELS = 100_000_000
"""Pictures that declare more pixels are refused before a single one is decoded."""
BACKGROUND = (255, 255, 255)
"""What transparent pictures are laid on: white, as a page or an image viewer shows them."""


def name_of(source: Source) -> str:
    """What to call a source in tables and errors: its path, or what it is."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    if isinstance(source, bytes):
        return "bytes"
    if isinstance(source, np.ndarray):
        return "array"
    return str(getattr(source, "filename", "") or "image")


def read_image(source: Source, *, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """The picture as displayed: EXIF rotation applied, first frame of an animation, transparency on white.

    Sixteen-bit pictures keep their upper eight bits; CMYK, palette and grey ones become RGB. Colour
    profiles are not applied.

    Args:
        source: path, encoded bytes, PIL image, or a uint8 array (h, w) grey or (h, w, 3) RGB.
        max_pixels: refuse pictures that declare more than this, before decoding them.

    Returns:
        uint8 (h, w, 3), contiguous. An array that already is one is handed back without a copy.

    Raises:
        MienError: missing, empty, truncated or too large a file, one that is no picture, an array of
            another type or shape.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, (str, os.PathLike)):
        return _decode(read_bytes(source), name_of(source), max_pixels)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode(bytes(source), "bytes", max_pixels)
    if hasattr(source, "getexif"):
        return _from_pil(source, name_of(source), max_pixels)
    raise MienError(
        f"{type(source).__name__}: not a picture; give a path, bytes, a PIL image or a uint8 RGB array (h, w, 3)"
    )


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A file's bytes.

    Raises:
        MienError: no such file, a folder, no permission, or nothing in it.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise MienError(f"{os.fspath(path)}: no such file; check the path") from error
    except IsADirectoryError as error:
        raise MienError(f"{os.fspath(path)}: a folder, not a picture; name a file in it") from error
    except PermissionError as error:
        raise MienError(f"{os.fspath(path)}: may not be read; check its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise MienError(f"{os.fspath(path)!r}: cannot be read ({_first_line(error)}); check the path") from error
    if not data:
        raise MienError(f"{os.fspath(path)}: the file is empty; copy or download it again")
    return data


def _decode(data: bytes, name: str, max_pixels: int) -> NDArray[np.uint8]:
    if not data:
        raise MienError(f"{name}: empty; give the bytes of a picture")
    kind = kind_of(data)
    if kind is None:
        raise MienError(f"{name}: {not_a_picture(data)}")
    try:
        image = open_header(kind, io.BytesIO(data))
    except Exception as error:
        raise _broken(name, kind, error) from error
    _check_size(image.size, name, max_pixels)
    # a JPEG cut short decodes to grey in OpenCV without a word; Pillow says so. Hence the end marker.
    if kind == "JPEG" and image.mode in ("RGB", "L") and b"\xff\xd9" in data[-64:]:
        fast = _decode_jpeg(data, int(image.getexif().get(_ORIENTATION, 1)))
        if fast is not None:
            return fast
    return _from_pil(image, name, max_pixels)


_ORIENTATION = 0x0112


def _decode_jpeg(data: bytes, orientation: int) -> NDArray[np.uint8] | None:
    import cv2

    straight = getattr(cv2, "IMREAD_COLOR_RGB", None)  # since OpenCV 4.11; saves a pass over all pixels
    flags = cv2.IMREAD_IGNORE_ORIENTATION | (cv2.IMREAD_COLOR if straight is None else straight)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        return None
    rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels) if straight is None else pixels
    return np.ascontiguousarray(upright(np.asarray(rgb, np.uint8), orientation))


def upright(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """(h, w, c) stored pixels -> as displayed, for an EXIF orientation of 1 to 8 (others change nothing)."""
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return image


def _from_pil(image: Image.Image, name: str, max_pixels: int) -> NDArray[np.uint8]:
    from PIL import ImageOps

    _check_size(image.size, name, max_pixels)
    kind = image.format or "picture"
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
        pixels = np.asarray(_to_rgb(image))
    except MienError:
        raise
    except Exception as error:  # Pillow's plugins raise OSError, SyntaxError, ValueError, struct.error, ...
        raise _broken(name, kind, error) from error
    return np.ascontiguousarray(pixels)


def _to_rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        page = Image.new("RGBA", over.size, (*BACKGROUND, 255))
        return Image.alpha_composite(page, over).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey in 16 or 32 bits -> 8; Pillow's own conversion would clip at 255."""
    from PIL import Image

    values = np.asarray(image)
    if image.mode == "F":
        top = float(np.nanmax(values, initial=0.0))
        if not 0 <= top <= 255:
            raise MienError("floating-point picture with values beyond 255; save it with 8 bits a channel")
        values = np.nan_to_num(values * (255 if top <= 1 else 1)).clip(0, 255)
    elif image.mode.startswith("I;16") or values.max(initial=0) > 255:
        values = values.astype(np.int64).clip(0, 65535) >> 8
    return Image.fromarray(values.astype(np.uint8))


def _from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise MienError(f"array: {array.dtype} {array.shape}, expected uint8 (h, w, 3) RGB or (h, w) grey")
    if 0 in array.shape:
        raise MienError(f"array: shape {array.shape} holds no pixel; give a picture of at least 1 x 1")
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    return np.ascontiguousarray(array)


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise MienError(f"{name}: {width} x {height} pixels, more than the limit of {max_pixels:,}; shrink the picture")
    if width < 1 or height < 1:
        raise MienError(f"{name}: {width} x {height} pixels; save the picture again")


def _broken(name: str, kind: str, error: Exception) -> MienError:
    if type(error).__name__ == "DecompressionBombError":
        return MienError(f"{name}: too many pixels for a {kind} picture; shrink it")
    if "truncated" in str(error).lower() or "end of file" in str(error).lower():
        return MienError(f"{name}: the {kind} file is cut short; copy or download it again")
    return MienError(f"{name}: broken {kind} file ({_first_line(error)}); save or download it again")


def _first_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:120]
