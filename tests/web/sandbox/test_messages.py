from __future__ import annotations

import io

import pytest

from mien.web.sandbox import messages


def test_what_is_written_is_read() -> None:
    stream = io.BytesIO()
    messages.write(stream, {"a": 1}, b"body")
    messages.write(stream, {"b": "ä"})
    stream.seek(0)
    assert messages.read(stream, 4) == ({"a": 1}, b"body")
    assert messages.read(stream, 0) == ({"b": "ä"}, b"")
    with pytest.raises(EOFError):
        messages.read(stream, 0)


def test_a_message_cut_short_or_too_large_is_not_believed() -> None:
    stream = io.BytesIO()
    messages.write(stream, {"a": 1}, b"body")
    whole = stream.getvalue()
    with pytest.raises(EOFError):
        messages.read(io.BytesIO(whole[:-1]), 4)
    with pytest.raises(ValueError, match="4 bytes"):
        messages.read(io.BytesIO(whole), 3)
    with pytest.raises(ValueError, match="bytes"):
        messages.read(io.BytesIO(b"\xff" * 40), 3)
