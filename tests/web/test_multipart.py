from __future__ import annotations

import pytest

from mien.web.multipart import FIELD, PARTS, FormReader
from mien.web.refusal import Refusal

TYPE = "multipart/form-data; boundary=b"


def part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def read(body: bytes, fields: tuple[str, ...] = (), step: int = 10**6) -> tuple[bytes, dict[str, str], str]:
    stored = bytearray()
    reader = FormReader(TYPE, stored.extend, fields)
    for start in range(0, len(body), step):
        reader.feed(body[start : start + step])
    values, name = reader.close()
    return bytes(stored), values, name


@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_a_form_is_the_same_however_it_comes(step: int) -> None:
    data = bytes(range(256)) + b"\r\n--c\r\n--"
    file = part("file", data, '; filename="a.jpg"\r\nContent-Type: image/jpeg')
    body = part("every", b" 3 ") + file + part("fps", b"") + b"--b--\r\n"
    assert read(body, ("every", "fps"), step) == (data, {"every": "3", "fps": ""}, "a.jpg")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (part("file", b"x"), 400),  # no end
        (part("every", b"1") + b"--b--\r\n", 422),  # no file
        (part("file", b"x") + part("file", b"y") + b"--b--\r\n", 422),
        (part("other", b"x") + b"--b--\r\n", 422),
        (part("every", b"1") * 2 + b"--b--\r\n", 422),
        (part("every", b"1" * (FIELD + 1)) + b"--b--\r\n", 422),
        (part("every", b"1") * (PARTS + 1), 422),
        (b"no form at all", 400),
        (b"--b\r\n" + b"x" * 100_000, 400),
        (b"--b\r\n" + b"A: b\r\n" * 10_000, 400),
        (b"", 400),
    ],
)
def test_what_is_no_form_with_one_file_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        read(body, ("every",))
    assert refused.value.status == status


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/mixed; boundary=b", "multipart/form-data; boundary="
                                  + "x" * 10_000])  # fmt: skip
def test_a_type_without_a_usable_boundary_is_refused(kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        FormReader(kind, lambda data: None, ())
    assert refused.value.status == 400
