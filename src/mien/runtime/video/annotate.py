"""A copy of a video with boxes, ids and probabilities drawn over its own frames, at their own times, with its sound."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.drawing import annotate
from mien.runtime.video.drawn_faces import faces_of_rows, with_ids
from mien.runtime.video.facts import video_facts
from mien.runtime.video.frames import read_frames
from mien.runtime.video.opening import first_line, opened

if TYPE_CHECKING:
    import pandas as pd

HOLD = 1.0
"""Seconds for which the faces of a frame are shown over the ones behind it that were not looked at."""
QUALITY = {"crf": "20", "preset": "veryfast", "bf": "0"}
"""x264's; without B-frames the file's times are the frames' own from the first on."""
FITS = {".mp4": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"), ".mkv": None, ".mov": ("aac", "mp3", "alac")}
"""Endings of a copy, and the sound that goes into it as it is; None: any."""
FINEST = Fraction(1, 90_000)
Progress = Callable[[int, int | None], None]
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was written: `frames` drawn over or copied, those `left_out` since they could not be decoded, `sound`."""

    path: Path
    frames: int
    left_out: int
    sound: str | None


def annotated_name(source: str | os.PathLike[str], folder: Path) -> Path:
    """A name for the copy in `folder`: `.mp4` where the sound fits into it, else `.mkv`, never the video itself.

    Raises:
        MienError: no video.
    """
    source = Path(source)
    with opened(source) as (container, _):
        sound = [stream.codec_context.name for stream in container.streams.audio if stream.codec_context][:1]
    fits = FITS[".mp4"]
    assert fits is not None
    suffix = ".mp4" if not sound or _short(sound[0]) in fits else ".mkv"
    target = folder / (source.stem + suffix)
    return target if target.resolve() != source.resolve() else folder / f"{source.stem}-annotated{suffix}"


def annotate_video(
    source: str | os.PathLike[str],
    table_rows: pd.DataFrame | Rows,
    out: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
) -> Annotated:
    """Write the annotated copy: H.264, yuv420p, the frames' own times, rotation applied, sound copied packet by packet.

    Every frame of the video is written, in `.mkv` at its time to the millisecond. One that was not looked at
    (`--every`) carries the faces of the last one that was, for at most HOLD seconds: boxes are never invented in
    between. A frame that cannot be decoded is left out, so that the one before it stands longer. An odd width or
    height grows by one pixel, since yuv420p halves both. The copy is written under another name beside `out` and
    renamed when it is whole. Memory does not grow with length where `table_rows` is an iterator.

    Args:
        source: the video that the rows are of.
        table_rows: a table (rows of other inputs are passed over), or its rows as mappings by ascending frame.
        out: ends in .mp4, .mkv or .mov.
        progress: called with frames done and frames in all, as far as known.

    Raises:
        MienError: no video, sound that `out` cannot hold, an unknown ending, or a file that cannot be written.
    """
    source, out = Path(source), Path(out)
    if out.suffix.lower() not in FITS:
        raise MienError(f"{out}: unknown kind of video; end the name in {', '.join(FITS)}")
    if out.resolve() == source.resolve():
        raise MienError(f"{out}: is the video itself; choose another name")
    facts = video_facts(source)
    part = out.with_name(f".{out.stem}.part{out.suffix}")
    faces = _Faces(_by_frame(table_rows, source))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.callback(part.unlink, missing_ok=True)
            with _copying(source, part, out) as copy:
                for frame in read_frames(source):
                    found = faces.at(frame.number, frame.time)
                    if frame.image is None or frame.time is None:
                        copy.left_out += 1
                        continue
                    copy.add(with_ids(annotate(frame.image, found), found) if len(found) else frame.image, frame.time)
                    if progress is not None:
                        progress(copy.frames, facts.frames)
            if not copy.frames:
                raise MienError(f"{source}: no frame of it can be decoded; copy or convert it again")
            part.replace(out)
    except OSError as error:  # PyAV's errors of writing are ones too
        raise MienError(f"{out}: cannot be written ({first_line(error)}); choose another place") from error
    return Annotated(out, copy.frames, copy.left_out, copy.sound)


def _by_frame(rows: pd.DataFrame | Rows, source: Path) -> Iterator[tuple[int, float | None, list[Mapping[str, Any]]]]:
    """Frames that were looked at, ascending, with their rows."""
    if hasattr(rows, "to_dict"):
        rows = _of_input(rows, source)
    now: tuple[int, float | None, list[Mapping[str, Any]]] | None = None
    for row in rows:
        number = row.get("frame")
        if number is None or number != number or str(number) in ("", "<NA>"):
            continue
        frame = int(float(number))
        if now is not None and frame < now[0]:
            raise MienError(f"{source}: row of frame {frame} after one of frame {now[0]}; sort the table by frame")
        if now is None or frame > now[0]:
            if now is not None:
                yield now
            now = frame, _number(row.get("time")), []
        now[2].append(row)
    if now is not None:
        yield now


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if number != number else number


def _of_input(table: Any, source: Path) -> Iterator[dict[str, Any]]:
    """A table's rows of one video by frame, a thousand at a time."""
    inputs = list(dict.fromkeys(table["input"]))
    names = [name for name in inputs if str(name) == os.fspath(source)]
    names = names or [name for name in inputs if Path(str(name)).name == source.name]
    if len(names) != 1:
        has = f"has none of {source.name}" if not names else f"has {len(names)} inputs of this name"
        raise MienError(f"{source}: the table {has}; name the video as its column `input` does")
    mine = table[(table["input"] == names[0]) & table["frame"].notna()].sort_values("frame", kind="stable")
    for start in range(0, len(mine), 1000):
        yield from mine.iloc[start : start + 1000].astype(object).to_dict("records")


class _Faces:
    """The faces to draw on each frame, from rows that come by ascending frame."""

    def __init__(self, groups: Iterator[tuple[int, float | None, list[Mapping[str, Any]]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)
        self._shown = Faces("")
        self._since: float | None = None

    def at(self, number: int, time: float | None) -> Faces:
        while self._next is not None and self._next[0] <= number:
            _, since, rows = self._next
            self._shown, self._since = faces_of_rows(rows), since
            self._next = next(self._groups, None)
        late = time is not None and self._since is not None and time - self._since > HOLD
        return Faces("") if late else self._shown


@contextmanager
def _copying(source: Path, part: Path, out: Path) -> Iterator[_Copy]:
    import av

    written = {".mkv": "matroska", ".mov": "mov"}.get(out.suffix.lower(), "mp4")
    # where the first frame stands at another time than 0, MP4 would round that to milliseconds
    options = {} if written == "matroska" else {"movie_timescale": str(FINEST.denominator)}
    with opened(source) as (container, pictures), av.open(f"file:{part}", "w", written, options=options) as file:
        copy = _Copy(file, container, pictures, out)
        yield copy
        copy.finish()


class _Copy:
    """The file being written: pictures as they come, and sound up to the same time."""

    def __init__(self, file: Any, container: Any, pictures: Any, out: Path) -> None:
        self._file = file
        base = Fraction(pictures.time_base or FINEST)
        self._base = base if base <= Fraction(1, 1000) else FINEST
        self._name = out.stem
        self._size: tuple[int, int] | None = None
        self._video = file.add_stream("libx264", rate=pictures.average_rate or Fraction(25), options=dict(QUALITY))
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = self._base
        self._packets: Iterator[Any] = iter(())
        self._held: Any = None
        self._last: int | None = None
        self.frames = self.left_out = 0
        self.sound: str | None = None
        audio = next((stream for stream in container.streams.audio if stream.codec_context), None)
        if audio is not None:
            self.sound = _short(audio.codec_context.name)
            _check_sound(self.sound, out)
            self._sound = file.add_stream_from_template(audio)
            self._packets = container.demux(audio)

    def add(self, image: NDArray[np.uint8], time: float) -> None:
        """A frame, uint8 RGB (h, w, 3), shown from `time` in seconds on."""
        import av

        image = _even(image)
        if self._size is None:
            self._size = image.shape[:2]
            self._video.height, self._video.width = self._size
        at = round(Fraction(time) / self._base)
        if self._last is not None and at <= self._last:
            at = self._last + 1  # two frames of one time: both are kept
        self._last = at
        if image.shape[:2] != self._size:
            raise MienError(f"{self._name}: its frames change their size; convert it to one size first")
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts, frame.time_base = at, self._base
        self.carry_sound(time)
        self._file.mux(self._video.encode(frame))
        self.frames += 1

    def carry_sound(self, until: float | None) -> None:
        """Sound up to a time in seconds, or all of it: players read both side by side."""
        while True:
            packet = self._held if self._held is not None else next(self._packets, None)
            self._held = None
            if packet is None:
                return
            if packet.dts is None:  # the end of the stream, as PyAV tells it
                continue
            if until is not None and packet.dts * packet.time_base > until:
                self._held = packet
                return
            packet.stream = self._sound
            self._file.mux(packet)

    def finish(self) -> None:
        if self.frames:
            self.carry_sound(None)
            self._file.mux(self._video.encode(None))


def _check_sound(codec: str, out: Path) -> None:
    fits = FITS[out.suffix.lower()]
    if fits is not None and codec not in fits:
        raise MienError(f"{out}: the sound ({codec}) does not fit {out.suffix}; name the copy {out.stem}.mkv")


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), "edge") if height % 2 or width % 2 else image


def _short(codec: str) -> str:
    """`mp3` for `mp3float` and the like: FFmpeg names the decoder, not the coding."""
    for known in ("mp3", "opus", "aac", "ac3", "flac"):
        if known in codec and not (known == "ac3" and codec.startswith("eac3")):
            return known
    return codec
