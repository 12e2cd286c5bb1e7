from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from mien.table import COLUMNS
from mien.web.refusal import Refusal
from mien.web.routes import jobs
from mien.web.sandbox.decode import Probe
from mien.web.settings import Settings

Film = Callable[..., bytes]


def followed(client: Any, name: str, seconds: float = 60) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = client.get(f"/v1/jobs/{name}").json()
        if told["state"] not in ("queued", "running"):
            return dict(told)
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_video_becomes_rows_and_a_table(client: Any, film: Film, left: Callable[[], list[str]]) -> None:
    form = {"file": ("=talk: Ünï.mp4", film())}
    sent = client.post("/v1/jobs", files=form, data={"every": "2", "detect_every": "1"})
    assert sent.status_code == 202, sent.text
    name = sent.json()["id"]
    told = followed(client, name)
    assert (told["state"], told["error"], told["progress"]) == ("done", None, 1.0)
    assert (told["frames"], told["duration"]) == (12, pytest.approx(1.2))
    first = client.get(f"/v1/jobs/{name}/rows?after=0").json()
    assert first["next"] == told["rows"] == len(first["rows"])
    assert [row["frame"] for row in first["rows"]] == [0, 2, 4, 6, 8, 10]
    assert [row["time"] for row in first["rows"]] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert client.get(f"/v1/jobs/{name}/rows?after=4").json()["rows"] == first["rows"][4:]
    assert client.get(f"/v1/jobs/{name}/rows?after=99").json() == {"rows": [], "next": 99}
    table = client.get(f"/v1/jobs/{name}/table.csv")
    assert table.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(table.text)))
    assert tuple(read[0]) == COLUMNS
    assert [int(row["frame"]) for row in read] == [0, 2, 4, 6, 8, 10]
    assert {row["input"] for row in read} == {"_talk_ Ünï.mp4"}
    assert left() == ["rows"]  # the video is gone
    assert client.delete(f"/v1/jobs/{name}").status_code == 200
    assert left() == []
    assert client.get(f"/v1/jobs/{name}").status_code == 404


def test_a_job_that_runs_is_cancelled_and_leaves_nothing(client: Any, film: Film, left: Any) -> None:
    name = client.post("/v1/jobs", content=film(n=300, size=(320, 240))).json()["id"]
    assert client.delete(f"/v1/jobs/{name}").json()["state"] == "cancelled"
    assert client.get(f"/v1/jobs/{name}").status_code == 404
    end = time.monotonic() + 20
    while left() and time.monotonic() < end:
        time.sleep(0.05)
    assert left() == []


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"", 422, "no file came"),
        (b"\xff\xd8\xff" + bytes(60), 415, "/v1/analyze"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 415, "not a video"),
        (b"\0\0\0\x18ftypisom" + bytes(60), 422, "broken or truncated"),
        (bytes(4_000_001), 413, "4,000,000 bytes"),
    ],
)
def test_what_is_no_video_is_refused(client: Any, body: bytes, status: int, word: str, left: Any) -> None:
    answer = client.post("/v1/jobs", content=body)
    assert (answer.status_code, word in answer.json()["error"]) == (status, True), answer.text
    assert left() == []


def test_a_video_beyond_the_limits_is_refused_before_it_is_analysed(client: Any, film: Film, left: Any) -> None:
    answer = client.post("/v1/jobs", content=film(n=510, size=(16, 16)))
    assert (answer.status_code, "more frames than the limit of 500" in answer.json()["error"]) == (413, True)
    assert left() == []


def test_headers_are_held_against_the_limits() -> None:
    settings = Settings(max_pixels=100, max_duration=10, max_frames=50)
    jobs.check(Probe(10, 10, 10.0, 5.0, 50), settings)
    jobs.check(Probe(10, 10, None, None, None), settings)
    for probe in (Probe(11, 10, 1, 5, 5), Probe(10, 10, 10.1, 5, 50), Probe(10, 10, 10, 5, 51)):
        with pytest.raises(Refusal) as refused:
            jobs.check(probe, settings)
        assert refused.value.status == 413


def test_options_are_numbers_in_range() -> None:
    assert jobs.options_of({}) == {"every": 1, "fps": None, "detect_every": 1}
    assert jobs.options_of({"fps": "2.5", "every": ""}) == {"every": 1, "fps": 2.5, "detect_every": 1}
    for fields in ({"every": "0"}, {"every": "-1"}, {"every": "x"}, {"every": "²"}, {"fps": "nan"}, {"fps": "inf"},
                   {"fps": "0"}, {"detect_every": "101"}, {"every": "2", "fps": "5"}):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            jobs.options_of(fields)
        assert refused.value.status == 422


def test_strange_ids_are_not_found(client: Any) -> None:
    for name in ("x", "..%2f..%2fetc", "a%00b"):
        assert client.get(f"/v1/jobs/{name}/rows").status_code == 404
    assert client.get("/v1/jobs/x/rows?after=-1").status_code == 422
