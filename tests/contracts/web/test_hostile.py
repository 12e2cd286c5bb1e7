"""What strangers send: each ends in a 4xx, and nothing of it stays."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.web.sandbox import confine

Encoded = Callable[..., bytes]
Left = Callable[[], list[str]]
SECONDS = 10.0
"""A hang is 5 s; the rest is for a machine that is busy with other things."""


def send(client: Any, body: bytes, route: str = "/v1/analyze") -> Any:
    start = time.monotonic()
    answer = client.post(route, files={"file": ("a.jpg", body)})
    assert time.monotonic() - start < SECONDS
    return answer


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, more: bytes = b"", rows: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def patched(data: bytes, at: int, form: str, *values: int) -> bytes:
    new = struct.pack(form, *values)
    return data[:at] + new + data[at + len(new) :]


def jpeg_of(photo: bytes, width: int, height: int) -> bytes:
    at = max(photo.find(b"\xff\xc0"), photo.find(b"\xff\xc2"))
    return patched(photo, at + 5, ">HH", height, width)


def bombs(photo: bytes, encoded: Encoded) -> dict[str, bytes]:
    grey = np.zeros((8, 8, 3), np.uint8)
    webp = encoded(grey, "WEBP", lossless=True, exif=b"Exif\0\0" + bytes(8))
    tiff, bmp = encoded(grey, "TIFF"), encoded(grey, "BMP")
    width_tag = tiff.find(struct.pack("<HHI", 256, 4, 1))
    width_tag = width_tag if width_tag >= 0 else tiff.find(struct.pack("<HHI", 256, 3, 1))
    return {
        "png of zeros": png(30_000, 30_000, rows=bytes(30_000 * 3_751)),
        "png that declares more than any": png(2**31 - 1, 2**31 - 1),
        "png with a swollen text": png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))),
        "png with a swollen profile": png(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000), 9)), b"\1"),
        "jpeg": jpeg_of(photo, 65_500, 65_500),
        "gif": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + encoded(grey, "GIF")[10:],
        "webp": patched(webp, webp.find(b"VP8X") + 12, "<HBHB", 0x3FFF, 0, 0x3FFF, 0),
        "tiff": patched(tiff, width_tag + 8, "<I", 60_000_000),
        "bmp": patched(bmp, 18, "<ii", 60_000, 60_000),
        "pnm": b"P5 60000 60000 255\n" + bytes(100),
        "jpeg 2000": b"\xff\x4f\xff\x51\x00\x2f\0\0" + struct.pack(">8I", *(60_000, 60_000, 0, 0) * 2)
        + bytes.fromhex("0003070101070101070101"),
    }  # fmt: skip


def test_bombs_are_refused(client: Any, photo: bytes, encoded: Encoded, left: Left) -> None:
    for name, body in bombs(photo, encoded).items():
        answer = send(client, body)
        assert answer.status_code in (413, 422), (name, answer.text)
    assert left() == []
    assert send(client, photo).status_code == 200


def test_polyglots_are_what_their_first_bytes_say_and_nothing_else(client: Any, photo: bytes, encoded: Encoded) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("../../evil", "x")
    packed = archive.getvalue()
    gif = b"GIF89a/*" + encoded(np.zeros((4, 4, 3), np.uint8), "GIF")[8:] + b"*/=1;alert(1)"
    for body, statuses in (
        (packed, (415,)),
        (packed + photo, (415,)),
        (photo + packed, (200,)),
        (gif, (200, 413, 422)),
        (b"%PDF-1.4\n" + photo, (415,)),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", (415,)),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", (415,)),
        (b"push graphic-context\nimage over 0,0 0,0 'https://evil.example/x.png'\n", (415,)),
        (b"\xff\xd8\xff\xe0" + packed, (422,)),
        (b"RIFF\xff\xff\xff\xffWEBP" + packed, (422,)),
        (b"\0\0\0\x1cftypavif" + photo, (422,)),
    ):
        answer = send(client, body)
        assert answer.status_code in statuses, (body[:20], answer.text)
        assert "alert" not in answer.text


def test_files_cut_short_are_refused(client: Any, photo: bytes, encoded: Encoded, left: Left) -> None:
    whole = encoded(np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8).astype(np.uint8))
    for body in (photo[:3], photo[:100], photo[: len(photo) // 2], whole[:30], whole[:-30]):
        assert send(client, body).status_code == 422
    assert left() == []


def test_names_of_files_go_nowhere(client: Any, photo: bytes, left: Left, spool_parent: Any) -> None:
    outside = sorted(path.name for path in spool_parent.parent.iterdir())
    for name in ("../../../tmp/mien-evil", "/etc/cron.d/evil", "C:\\evil.jpg", "a\0b", "\u202egpj.exe", "%2e%2e%2fx",
                 "| id", "$(id)", "x" * 900):  # fmt: skip
        answer = client.post("/v1/analyze", files={"file": (name, photo)})
        assert answer.status_code in (200, 400), name
        assert name not in answer.text
    assert left() == []
    assert sorted(path.name for path in spool_parent.parent.iterdir()) == outside


def test_video_bombs_are_refused(client: Any, film: Callable[..., bytes], left: Left) -> None:
    movie, old = film(n=3), film(n=3, container="avi")
    header = old.find(b"strh")
    long = patched(movie, movie.find(b"stts") + 12, ">II", 3, 2**24)
    long = patched(long, movie.find(b"mdhd") + 20, ">I", 3 * 2**24)
    long = patched(long, movie.find(b"elst") + 12, ">I", 4_900_000)
    raw = film(n=3, size=(16, 16), container="avi", codec="rawvideo")
    bodies = {
        "huge frames": patched(raw, raw.find(b"strf") + 12, "<ii", 16_000, 16_000),
        "frames beyond any": patched(raw, raw.find(b"strf") + 12, "<ii", 60_000, 60_000),
        "a million frames": patched(old, header + 8 + 32, "<I", 1_000_000),
        "an hour of nothing": long,
        "no header": movie[: movie.find(b"moov")],
        "nothing but a header": film(n=3, container="matroska")[:120],
        "an endless box": b"\0\0\0\x18ftypisom" + bytes(12) + b"\xff\xff\xff\xffmoov" + b"\xff" * 5000,
    }
    for name, body in bodies.items():
        answer = send(client, body, "/v1/jobs")
        assert answer.status_code in (413, 415, 422), (name, answer.text)
    assert left() == []


def test_a_film_of_bombs_ends_by_itself(client: Any, service: Any, left: Left) -> None:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mov") as opened:
        stream = opened.add_stream("png", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb24"
        for n in range(3):
            packet = av.Packet(png(30_000, 30_000, rows=bytes(30_000 * 3_751)))
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, n, n, Fraction(1, 10)
            opened.mux(packet)
    sent = send(client, out.getvalue(), "/v1/jobs")
    if sent.status_code == 202:
        name, most, told = sent.json()["id"], 0, {"state": "queued"}
        while told["state"] in ("queued", "running"):
            told = client.get(f"/v1/jobs/{name}").json()
            most = max([most, *(confine.resident(pid) for pid in children())])
            time.sleep(0.02)
        assert not any(row["success"] for row in client.get(f"/v1/jobs/{name}/rows").json()["rows"])
        assert most < 1 << 30
        assert client.delete(f"/v1/jobs/{name}").status_code == 200
    else:
        assert sent.status_code in (413, 422), sent.text
    assert left() == []


def children() -> list[int]:
    """Processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                found.append(int(stat.parent.name))
    return found


def test_playlists_and_links_to_other_files_open_nothing(client: Any, left: Left) -> None:
    for body in (
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"[playlist]\nFile1=/etc/passwd\n",
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  #EXTM3U\nfile:///etc/passwd\n",
    ):
        assert send(client, body, "/v1/jobs").status_code in (415, 422)
    assert left() == []


@pytest.mark.parametrize("route", ["/v1/analyze", "/v1/jobs", "/v1/edit"])
def test_bodies_of_every_strange_type_are_refused(client: Any, route: str) -> None:
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=", "text/plain", "",
                 "multipart/form-data; boundary=" + "b" * 5000, "multipart/mixed; boundary=b"):  # fmt: skip
        answer = client.post(route, content=b"--b\r\n\r\n{}", headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, (kind, answer.text)
