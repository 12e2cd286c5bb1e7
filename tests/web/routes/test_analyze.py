from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mien
from mien.labels import EMOTIONS

Encoded = Callable[..., bytes]


def error(answer: Any) -> str:
    told = answer.json()
    assert list(told) == ["error"]
    assert "\n" not in told["error"]
    return str(told["error"])


def test_a_picture_says_what_the_analyzer_says(client: Any, photo: bytes, left: Callable[[], list[str]]) -> None:
    answer = client.post("/v1/analyze", files={"file": ("../../etc/passwd", photo)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    faces = mien.Analyzer()(photo)
    assert (told["model"], told["labels"], told["width"], told["height"]) == ("small", "ferplus", 582, 640)
    (face,) = told["faces"]
    np.testing.assert_allclose(face["box"], faces.boxes[0], atol=0.01)
    np.testing.assert_allclose([face["emotion"][name] for name in EMOTIONS], faces.emotion[0], atol=1e-4)
    assert (face["top"], face["abstain"], face["valence"]) == (faces.top[0], False, None)
    assert face["set"] == list(faces.conformal[0])
    assert "heat" not in face
    assert left() == []


def test_the_body_alone_will_do_and_names_and_types_are_not_believed(client: Any, photo: bytes) -> None:
    raw = client.post("/v1/analyze", content=photo, headers={"Content-Type": "video/mp4"})
    assert len(raw.json()["faces"]) == 1
    assert len(client.post("/v1/analyze", content=photo, headers={"Content-Type": ""}).json()["faces"]) == 1


def test_a_picture_without_a_face_has_none(client: Any, encoded: Encoded) -> None:
    answer = client.post("/v1/analyze", content=encoded(np.full((60, 80, 3), 90, np.uint8)))
    assert (answer.status_code, answer.json()["faces"], answer.json()["width"]) == (200, [], 80)


def test_heat_is_a_picture_with_transparency_over_the_box(client: Any, photo: bytes) -> None:
    (face,) = client.post("/v1/analyze?heat=true", content=photo).json()["faces"]
    start = "data:image/png;base64,"
    assert face["heat"].startswith(start)
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(face["heat"][len(start) :]))))
    assert drawn.shape == (96, 96, 4)
    assert drawn[..., 3].max() == 204  # the hottest place hides 0.8 of the face
    assert drawn[..., 3].min() < 100


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"", 422, "no file came"),
        (b"hello there", 415, "text"),
        (b"PK\x03\x04" + bytes(60), 415, "not a picture format"),
        (b"\0\0\0\x18ftypisom" + bytes(60), 415, "/v1/jobs"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, 422, "broken PNG"),
        (bytes(2_000_001), 413, "2,000,000 bytes"),
    ],
)
def test_what_is_no_picture_is_refused(client: Any, body: bytes, status: int, word: str, left: Any) -> None:
    answer = client.post("/v1/analyze", content=body)
    assert answer.status_code == status
    assert word in error(answer)
    assert left() == []


def test_forms_that_are_none_are_refused(client: Any, photo: bytes) -> None:
    for files, status in (({"picture": photo}, 422), ([("file", photo), ("file", photo)], 422)):
        assert client.post("/v1/analyze", files=files).status_code == status
    head = {"Content-Type": "multipart/form-data"}
    assert client.post("/v1/analyze", content=b"x", headers=head).status_code == 400
    cut = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc'
    answer = client.post("/v1/analyze", content=cut, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status_code, "cut short" in error(answer)) == (400, True)


def test_values_that_make_no_sense_are_told_in_the_same_words(client: Any, photo: bytes) -> None:
    answer = client.post("/v1/analyze?heat=perhaps", content=photo)
    assert (answer.status_code, "heat" in error(answer)) == (422, True)


def test_when_too_many_wait_the_rest_are_told_to_come_again(client: Any, service: Any, photo: bytes) -> None:
    from mien.web.gate import Gate

    before, service.pictures = service.pictures, Gate(0, 0)
    try:
        answer = client.post("/v1/analyze", content=photo)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    finally:
        service.pictures = before
