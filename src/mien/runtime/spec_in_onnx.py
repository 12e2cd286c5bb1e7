"""The ModelSpec inside an ONNX file, exchanged without the onnx package: nothing else in the file changes by a bit.

An ONNX file is one message of Protocol Buffers, a row of fields, each a key and a value whose length the key or the
value tells (https://protobuf.dev/programming-guides/encoding). Of ModelProto's fields number 14, `metadata_props`,
holds pairs of key and value; the pair called `mien.model_spec` is the only one touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.whole_file import write_whole

METADATA_PROPS = 14
"""ModelProto's field of key and value pairs, onnx.proto3."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def write_spec(source: str | Path, target: str | Path, spec: ModelSpec) -> None:
    """Write the ONNX file `source` as `target` with this ModelSpec in place of its own; both may be the same file.

    The target is replaced at once or not at all.

    Raises:
        MienError: a file that cannot be read, is no ONNX file, or cannot be written.
    """
    source, target = Path(source), Path(target)
    try:
        data = source.read_bytes()
    except OSError as error:
        raise MienError(f"{source}: {error.strerror or error}; check the path") from error
    written = with_spec(data, spec.to_json(indent=None), str(source))
    try:
        write_whole(target, written)
    except OSError as error:
        raise MienError(f"{target}: {error.strerror or error}; choose a place that can be written") from error


def with_spec(model: bytes, text: str, source: str = "model") -> bytes:
    """A ModelProto's bytes with `text` as its ModelSpec; every other field keeps its bytes and its place.

    Raises:
        MienError: bytes that are no fields of a message, naming `source`.
    """
    key, value = METADATA_KEY.encode(), text.encode()
    pair = _field(1, key) + _field(2, value)
    kept = [
        model[start:stop]
        for number, start, payload, stop in _fields(model, source)
        if not (number == METADATA_PROPS and _key_of(model[payload:stop], source) == key)
    ]
    return b"".join([*kept, _field(METADATA_PROPS, pair)])


def _fields(data: bytes, source: str) -> Iterator[tuple[int, int, int, int]]:
    """Number, start, start of the value, and end of each field of a message."""
    broken = MienError(f"{source}: not an ONNX file that can be read; export or copy the model again")
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at, broken)
        number, kind = key >> 3, key & 7
        payload = at
        if kind == _VARINT:
            _, at = _varint(data, at, broken)
        elif kind == _BYTES:
            length, payload = _varint(data, at, broken)
            at = payload + length
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise broken
        if number == 0 or at > len(data):
            raise broken
        yield number, start, payload, at


def _key_of(pair: bytes, source: str) -> bytes:
    """The key of a pair of key and value, its field 1."""
    return next((pair[payload:stop] for number, _, payload, stop in _fields(pair, source) if number == 1), b"")


def _varint(data: bytes, at: int, broken: MienError) -> tuple[int, int]:
    """The number that starts at a place, seven bits a byte, the lowest first; and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise broken
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise broken


def _field(number: int, value: bytes) -> bytes:
    """A field of bytes."""
    return _as_varint(number << 3 | _BYTES) + _as_varint(len(value)) + value


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
