from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.video.coded_video import bars, number_of, turned, write_video

from mien.errors import MienError
from mien.runtime.video.frames import Frame, read_frames

UNEVEN = [int(1000 * i + 400 * (i % 3 == 1) + 7 * i * i) for i in range(40)]
"""Presentation times of a variable frame rate, in 1/30000 s."""


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "a.mp4", UNEVEN)


def numbers(frames: list[Frame]) -> list[int]:
    return [number_of(frame.image) for frame in frames if frame.image is not None]


def decoding_threads() -> int:
    return sum(thread.name == "mien-decode" for thread in threading.enumerate())


@pytest.mark.parametrize(("suffix", "codec", "unit"), [
    (".mp4", "libx264", 30_000), (".mkv", "libx264", 1000), (".ts", "libx264", 90_000), (".webm", "libvpx", 1000),
    (".mov", "mpeg4", 30_000),
])  # fmt: skip
def test_numbers_and_times_of_a_variable_frame_rate(tmp_path: Path, suffix: str, codec: str, unit: int) -> None:
    path = write_video(tmp_path / f"a{suffix}", UNEVEN, codec=codec, unit=Fraction(1, 30_000))
    frames = list(read_frames(path))
    assert [frame.number for frame in frames] == list(range(40)) == numbers(frames)
    times = np.array([frame.time for frame in frames])
    start = times[0]  # a transport stream does not start at 0, and its clock is told as it is
    assert (start == 0) == (suffix != ".ts")
    np.testing.assert_allclose(times - start, np.array(UNEVEN) / 30_000, atol=0.51 / unit)


def test_every_nth_and_so_many_a_second(video: Path) -> None:
    assert [frame.number for frame in read_frames(video, every=7)] == [0, 7, 14, 21, 28, 35]
    times = np.array(UNEVEN) / 30_000
    expected = [int(np.flatnonzero(times >= tick - 1e-9)[0]) for tick in np.arange(0, times[-1] + 1e-9, 0.1)]
    found = list(read_frames(video, fps=10))
    assert [frame.number for frame in found] == sorted(set(expected)) == numbers(found)


def test_only_frames_looked_at_become_rgb(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mien.runtime.video.frames as module

    plain, made = module._rgb, []
    monkeypatch.setattr(module, "_rgb", lambda picture, limit: made.append(1) or plain(picture, limit))
    list(read_frames(video, every=10))
    assert len(made) == 4


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_displays_rotation_is_applied(tmp_path: Path, degrees: int) -> None:
    path = turned(write_video(tmp_path / "a.mp4", [0, 1000, 2000]), degrees)
    upright = np.rot90(bars(2), -degrees // 90)
    (frame,) = [frame for frame in read_frames(path) if frame.number == 2]
    assert frame.image is not None
    assert frame.image.shape == upright.shape
    assert np.abs(frame.image.astype(int) - upright).mean() < 8


def test_ten_bits_and_full_range_keep_their_brightness(tmp_path: Path) -> None:
    def grey(number: int) -> np.ndarray:
        return np.full((64, 64, 3), 40 + 50 * number, np.uint8)

    for name, codec, pix_fmt in (
        ("ten.mp4", "libx264", "yuv420p10le"), ("full.avi", "mjpeg", "yuvj420p"), ("rgb.mkv", "ffv1", "bgr0"),
        ("444.mp4", "libx264", "yuv444p"), ("grey.mkv", "ffv1", "gray"),
    ):  # fmt: skip
        path = write_video(tmp_path / name, [0, 1, 2, 3], unit=Fraction(1, 30), codec=codec, pix_fmt=pix_fmt, draw=grey)
        frames = list(read_frames(path))
        assert len(frames) == 4, name
        for frame in frames:
            assert frame.image is not None
            np.testing.assert_allclose(frame.image, grey(frame.number), atol=4, err_msg=name)


def packets(path: Path) -> list[tuple[int, int]]:
    import av

    with av.open(str(path)) as file:
        return [(packet.pos, packet.size) for packet in file.demux(file.streams.video[0]) if packet.size]


def test_a_frame_that_cannot_be_decoded_keeps_its_number(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", range(24), unit=Fraction(1, 30), codec="mjpeg", pix_fmt="yuvj420p")
    data = bytearray(path.read_bytes())
    pos, size = packets(path)[5]
    at = data.index(b"\xff\xd8", pos)
    data[at : at + size - 8] = bytes(size - 8)
    path.write_bytes(data)
    frames = list(read_frames(path))
    assert [frame.number for frame in frames] == list(range(24))
    assert [frame.number for frame in frames if frame.error] == [5]
    assert frames[5].image is None
    assert frames[5].time == pytest.approx(5 / 30)
    assert numbers(frames) == [n for n in range(24) if n != 5]


def test_damage_to_a_frame_that_others_need_shifts_no_number(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", range(0, 36_000, 1000))
    data = bytearray(path.read_bytes())
    pos, size = sorted(packets(path))[13]
    data[pos : pos + size] = b"\xff" * size
    path.write_bytes(data)
    frames = list(read_frames(path))
    assert [frame.number for frame in frames] == list(range(36))
    assert [frame.time for frame in frames] == pytest.approx([n / 30 for n in range(36)])
    assert 1 <= sum(frame.error is not None for frame in frames) < 24
    assert all(number_of(frame.image) == frame.number for frame in frames[:12] + frames[24:])


def test_a_file_cut_short_says_so_at_its_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", UNEVEN, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: sorted(packets(path))[30][0] + 3])
    *whole, last = read_frames(path)
    assert last.image is None
    assert last.error is not None
    assert "short" in last.error or "further" in last.error
    good = [frame for frame in whole if frame.image is not None]
    assert len(good) > 15
    assert [number_of(frame.image) for frame in good] == [frame.number for frame in good]


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_avi_with_pictures_out_of_order_and_gaps_keeps_its_frames_in_order(tmp_path: Path, codec: str) -> None:
    slots = [n + n // 3 for n in range(40)]  # AVI stores no presentation times, only which slots are empty
    path = write_video(tmp_path / "a.avi", slots, unit=Fraction(1, 30), codec=codec, options={"bf": "2"})
    frames = list(read_frames(path))
    assert numbers(frames) == list(range(40))
    times = [frame.time for frame in frames]
    assert sorted(set(times)) == times
    assert times == pytest.approx([slot / 30 for slot in slots], abs=2.1 / 30)  # which slot is the encoder's choice
    rest = list(read_frames(path, start=frames[20].position))
    assert [(f.number, f.time) for f in rest] == [(f.number, f.time) for f in frames[21:]]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@pytest.mark.parametrize("fps", [None, 9.5])
def test_reading_goes_on_behind_a_position(tmp_path: Path, suffix: str, fps: float | None) -> None:
    if suffix == ".avi":
        path = write_video(tmp_path / "a.avi", range(40), unit=Fraction(1, 30), codec="mpeg4")
    else:
        path = write_video(tmp_path / f"a{suffix}", UNEVEN)
    whole = list(read_frames(path, fps=fps))
    for at in range(0, len(whole) - 1, 5):
        rest = list(read_frames(path, fps=fps, start=whole[at].position))
        assert [(f.number, f.time) for f in rest] == [(f.number, f.time) for f in whole[at + 1 :]]
        for found, known in zip(rest, whole[at + 1 :], strict=True):
            np.testing.assert_array_equal(found.image, known.image)


def test_the_thread_ends_with_the_consumer(video: Path) -> None:
    frames = read_frames(video, ahead=2)
    next(frames)
    assert decoding_threads() == 1
    frames.close()
    assert decoding_threads() == 0

    def fail() -> None:
        for _ in read_frames(video, ahead=2):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert decoding_threads() == 0


def test_a_frame_too_large_comes_with_its_reason(video: Path) -> None:
    frames = list(read_frames(video, every=20, max_pixels=1000))
    assert [frame.number for frame in frames] == [0, 20]
    assert all(frame.error is not None and "128 x 64 pixels" in frame.error for frame in frames)


@pytest.mark.parametrize(
    ("settings", "words"), [({"every": 0}, "every 0"), ({"fps": 0}, "fps 0"), ({"every": 2, "fps": 5}, "one of them")]
)
def test_bad_choices(video: Path, settings: dict[str, int], words: str) -> None:
    with pytest.raises(MienError, match=words):
        next(read_frames(video, **settings))  # type: ignore[arg-type]
