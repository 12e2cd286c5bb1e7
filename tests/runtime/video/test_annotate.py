"""The annotated copy: every frame at its own time, the sound as it was, boxes where the table has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest
from tests.runtime.video.coded_video import bars, number_of, turned, write_video

from mien.errors import MienError
from mien.runtime.video.annotate import annotate_video, annotated_name
from mien.runtime.video.frames import read_frames

UNIT = Fraction(1, 30_000)
STEPS = np.random.default_rng(0).choice([500, 1001, 2002, 4000], 40)
UNEVEN = [0, *np.cumsum(STEPS).tolist()]
BOX = {"FaceRectX": 20.0, "FaceRectY": 8.0, "FaceRectWidth": 40.0, "FaceRectHeight": 40.0, "FaceScore": 0.9}


def row(frame: int, time: float, track: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "input": "v.mp4",
        "frame": frame,
        "time": time,
        "track": track,
        "success": 1,
        **BOX,
        "happiness": 1.0,
        **more,
    }


def sounding(path: Path, pts: Sequence[int], codec: str, size: tuple[int, int] = (64, 128)) -> Path:
    """A video with noise for sound, its packets between the pictures."""
    noise = np.random.default_rng(1).normal(0, 0.2, (1, 16_000 * 3)).clip(-1, 1)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p" if size[0] % 2 == 0 else "yuv444p"
        stream.codec_context.time_base = UNIT
        voice = file.add_stream(codec, rate=16_000, layout="mono")
        for number, time in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(bars(number, *size), format="rgb24")
            frame.pts, frame.time_base = time, UNIT
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        kind, samples = (
            ("s16", (noise * 32_767).astype(np.int16)) if codec == "pcm_s16le" else ("fltp", np.float32(noise))
        )
        for start in range(0, samples.shape[1] - 1023, 1024):
            tone = av.AudioFrame.from_ndarray(samples[:, start : start + 1024], format=kind, layout="mono")
            tone.rate, tone.pts, tone.time_base = 16_000, start, Fraction(1, 16_000)
            file.mux(voice.encode(tone))
        file.mux(voice.encode())
    return path


def sound_of(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as file:
        return [(float(p.pts * p.time_base), bytes(p)) for p in file.demux(file.streams.audio[0]) if p.pts is not None]


def test_a_stream_that_does_not_start_at_0_keeps_its_times_and_its_sound(tmp_path: Path) -> None:
    source = sounding(tmp_path / "v.ts", [4501 + at for at in UNEVEN[:12]], "aac")
    done = annotate_video(source, [], annotated_name(source, tmp_path))
    assert done.path.name == "v.mp4"
    before = [frame.time for frame in read_frames(source)]
    assert [frame.time for frame in read_frames(done.path)] == pytest.approx(before, abs=2e-5)
    assert before[0] > 0.1
    late = [first - then for (first, _), (then, _) in zip(sound_of(source), sound_of(done.path), strict=True)]
    assert late == pytest.approx([0.0] * len(late), abs=2e-5)


def test_frames_that_cannot_be_decoded_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mien.runtime.video.annotate as module

    source = write_video(tmp_path / "v.mp4", [0, 3000, 6000])
    frames = list(read_frames(source))
    frames[1] = replace(frames[1], image=None, error="broken")
    monkeypatch.setattr(module, "read_frames", lambda path: iter(frames))
    done = annotate_video(source, [row(1, 0.1)], tmp_path / "a.mp4")
    assert (done.frames, done.left_out) == (2, 1)
    monkeypatch.setattr(module, "read_frames", lambda path: iter(frames[1:2]))
    with pytest.raises(MienError, match="no frame of it can be decoded"):
        annotate_video(source, [], tmp_path / "b.mp4")
    monkeypatch.undo()
    after = list(read_frames(tmp_path / "a.mp4"))
    assert [frame.time for frame in after] == [0, pytest.approx(0.2)]
    assert [marked(frame.image) for frame in after] == [False, True]  # what was found in the broken frame's place
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mkv", "pcm_s16le")])
def test_times_numbers_and_sound_are_the_video_s_own(tmp_path: Path, suffix: str, codec: str) -> None:
    source = sounding(tmp_path / f"v{suffix}", UNEVEN, codec)
    asked: list[tuple[int, int | None]] = []
    out = annotated_name(source, tmp_path / "out")
    done = annotate_video(source, [], out, progress=lambda n, of: asked.append((n, of)))
    assert (done.path, done.frames, done.left_out, done.sound) == (out, 41, 0, codec)
    assert out.suffix == suffix
    before, after = list(read_frames(source)), list(read_frames(out))
    assert [number_of(frame.image) for frame in after] == list(range(41))
    assert [frame.time for frame in after] == pytest.approx([frame.time for frame in before], abs=1e-6)
    first, second = sound_of(source), sound_of(out)
    assert [data for _, data in second] == [data for _, data in first]
    assert [time for time, _ in second] == pytest.approx([time for time, _ in first], abs=1.1e-3)
    assert [n for n, _ in asked] == list(range(1, 42))
    with av.open(str(out)) as file:
        context = file.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.width) == ("h264", "yuv420p", 128)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [out.name]


def marked(image: np.ndarray) -> bool:
    """Whether the amber line of a happy face's box lies on the strip at the top."""
    strip = image[:16].astype(int)
    return bool(((strip[..., 0] - strip[..., 2]) > 60).any())


def test_faces_stay_for_frames_that_were_not_looked_at_but_not_for_long(tmp_path: Path) -> None:
    pts = [3000 * i for i in range(30)]  # ten a second
    source = write_video(tmp_path / "v.mp4", pts)
    rows = [row(5, 0.5), {"input": "v.mp4", "frame": 10, "time": 1.0, "success": 0}, row(15, 1.5)]
    done = annotate_video(source, iter(rows), tmp_path / "a.mp4")
    assert done.sound is None
    shown = [frame.number for frame in read_frames(tmp_path / "a.mp4") if marked(frame.image)]
    assert shown == [5, 6, 7, 8, 9, *range(15, 26)]  # until the frame without a face; at most a second


def test_a_table_s_rows_of_other_videos_are_passed_over_and_text_will_do(tmp_path: Path) -> None:
    source = write_video(tmp_path / "v.mp4", [0, 3000, 6000])
    table = pd.DataFrame([row(1, 0.1), row(0, 0.0, input="other.mp4")])
    annotate_video(source, table, tmp_path / "a.mp4")
    assert [marked(frame.image) for frame in read_frames(tmp_path / "a.mp4")] == [False, True, True]
    text: list[Mapping[str, Any]] = [{name: str(value) for name, value in row(2, 0.2).items()} | {"anger": ""}]
    annotate_video(source, text, tmp_path / "b.mp4")
    assert [marked(frame.image) for frame in read_frames(tmp_path / "b.mp4")] == [False, False, True]
    with pytest.raises(MienError, match=r"the table has none of v\.mp4"):
        annotate_video(source, pd.DataFrame([row(0, 0.0, input="x.mp4")]), tmp_path / "c.mp4")


def test_rotation_is_applied_and_odd_sizes_grow(tmp_path: Path) -> None:
    source = turned(write_video(tmp_path / "v.mp4", [0, 3000]), 90)
    annotate_video(source, [], tmp_path / "a.mp4")
    (frame, _) = read_frames(tmp_path / "a.mp4")
    (original, _) = read_frames(source)
    assert frame.image.shape == original.image.shape == (128, 64, 3)
    assert np.abs(frame.image.astype(int) - original.image).mean() < 8
    odd = sounding(tmp_path / "odd.mkv", [0, 3000], "aac", (63, 127))
    annotate_video(odd, [], tmp_path / "even.mkv")
    assert next(iter(read_frames(tmp_path / "even.mkv"))).image.shape == (64, 128, 3)


def test_what_cannot_be_leaves_nothing_behind(tmp_path: Path) -> None:
    source = sounding(tmp_path / "v.mkv", UNEVEN[:5], "pcm_s16le")
    with pytest.raises(MienError, match=r"sound \(pcm_s16le\) does not fit \.mp4; name the copy a\.mkv"):
        annotate_video(source, [], tmp_path / "a.mp4")
    with pytest.raises(MienError, match="end the name in"):
        annotate_video(source, [], tmp_path / "a.avi")
    with pytest.raises(MienError, match="the video itself"):
        annotate_video(source, [], source)

    def broken() -> Iterator[dict[str, Any]]:
        yield row(0, 0.0)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        annotate_video(source, broken(), tmp_path / "a.mkv")
    with pytest.raises(MienError, match="row of frame 1 after one of frame 2; sort"):
        annotate_video(source, [row(2, 0.2), row(1, 0.1), row(3, 0.2)], tmp_path / "a.mkv")
    assert [path.name for path in tmp_path.iterdir()] == ["v.mkv"]
    assert annotated_name(source, tmp_path).name == "v-annotated.mkv"
