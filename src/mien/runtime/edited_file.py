"""Edited pictures and animations as files that say of themselves that they are edited.

Every file carries a line in its own kind of comment, and pictures also IPTC's digital source type for pictures that
are partly made by a trained model, which agencies and platforms read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

PICTURES = (".png", ".jpg", ".jpeg")
ANIMATIONS = (".gif", ".mp4")
PALETTE_FRAMES = 8
"""Frames of which a GIF's 255 colours are made."""
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_DESCRIPTION = 0x010E  # EXIF's ImageDescription
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="{}"/></rdf:RDF></x:xmpmeta>'
)


def mark(generator: str, sha256: str) -> str:
    """The line that edited files carry."""
    return f"mien: edited expression, generator {generator} {sha256}"


def check_suffix(path: Path, suffixes: tuple[str, ...]) -> None:
    """Raise MienError for a name that ends otherwise, before anything is computed."""
    if path.suffix.lower() not in suffixes:
        raise MienError(f"{path}: written as {', '.join(suffixes)}; choose a name that ends so")


def profile_of(source: str) -> bytes | None:
    """The ICC profile of an RGB picture's file, whose numbers mean other colours without it; None without one."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(source) as picture:
            return picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA") else None
    except (OSError, ValueError, UnidentifiedImageError):  # no file: bytes or pixels were given
        return None


def picture_file(path: Path, image: NDArray[np.uint8], text: str, *, profile: bytes | None = None) -> None:
    """Write uint8 (h, w), (h, w, 1) or RGB (h, w, 3) as PNG or JPEG, marked with `text`.

    Args:
        profile: the ICC profile that an RGB picture's numbers go by.

    Raises:
        MienError: another suffix, or a file that cannot be written.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    check_suffix(path, PICTURES)
    picture = Image.fromarray(image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image)
    options: dict[str, Any]
    if path.suffix.lower() == ".png":
        info = PngInfo()
        info.add_text("Comment", text)
        info.add_itxt("XML:com.adobe.xmp", _XMP.format(SOURCE_TYPE))
        options = {"format": "PNG", "pnginfo": info}
    else:
        exif = Image.Exif()
        exif[_DESCRIPTION] = text
        options = {"format": "JPEG", "quality": 95, "subsampling": 0, "exif": exif, "comment": text}
        options["xmp"] = _XMP.format(SOURCE_TYPE).encode()
    if profile is not None and picture.mode == "RGB":
        options["icc_profile"] = profile
    _written(path, lambda: picture.save(path, **options))


def animation_file(path: Path, frames: Iterable[NDArray[np.uint8]], fps: int, text: str) -> int:
    """Write RGB frames (h, w, 3) as an endless GIF or an H.264 MP4, marked with `text`; returns how many.

    Frames of a GIF share their colours, so that a still background stays still, and are all held in memory; an MP4
    loses a last odd row and column.

    Raises:
        MienError: another suffix, no frames, or a file that cannot be written.
    """
    check_suffix(path, ANIMATIONS)
    write = _gif if path.suffix.lower() == ".gif" else _mp4
    n = 0

    def counted() -> Iterable[NDArray[np.uint8]]:
        nonlocal n
        for frame in frames:
            n += 1
            yield frame

    _written(path, lambda: write(path, counted(), fps, text))
    return n


def _gif(path: Path, frames: Iterable[NDArray[np.uint8]], fps: int, text: str) -> None:
    from PIL import Image

    given = [np.asarray(frame) for frame in frames]
    if not given:
        raise MienError(f"{path}: no frames to write")
    sample = np.concatenate(given[:: -(-len(given) // PALETTE_FRAMES)])
    palette = Image.fromarray(sample).quantize(255, dither=Image.Dither.NONE)
    # spread errors would run from the face into the still background and make it flicker
    made = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in given]
    # a GIF counts in hundredths of a second: frames are as long as keeps the whole in time
    ends = [round(100 * n / fps) for n in range(len(made) + 1)]
    lasting = [10 * (b - a) for a, b in itertools.pairwise(ends)]
    made[0].save(path, format="GIF", save_all=True, append_images=made[1:], duration=lasting, loop=0, comment=text)


def _mp4(path: Path, frames: Iterable[NDArray[np.uint8]], fps: int, text: str) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = text
        stream: Any = None
        for frame in frames:
            h, w = (side // 2 * 2 for side in frame.shape[:2])
            if min(h, w) < 2:
                raise MienError(f"{path}: a frame of {frame.shape[1]} x {frame.shape[0]} is too small; write a .gif")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps), options={"crf": "18"})
                stream.width, stream.height, stream.pix_fmt = w, h, "yuv420p"
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:h, :w]), format="rgb24")
            container.mux(stream.encode(picture))
        if stream is None:
            raise MienError(f"{path}: no frames to write")
        container.mux(stream.encode())


def _written(path: Path, write: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
