"""A form with a file in it, read as it comes; small fields in memory, the file handed on piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mien.web.refusal import Refusal

PARTS = 16
FIELD = 1024
"""Bytes of a field's value."""
NAME = 200
"""Bytes of the client's name for the file that are looked at."""


class FormReader:
    """Feeds a multipart body to `store`, as far as it is the part `file`.

    Args:
        content_type: of the request, with the boundary.
        store: takes the file's bytes.
        fields: names of other parts that may come.

    Raises:
        Refusal: 400 for what is no form, 422 for parts that nobody asked for.
    """

    def __init__(self, content_type: str, store: Callable[[bytes], None], fields: Sequence[str]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Refusal(400, "the form has no boundary; send multipart/form-data, or the file alone as the body")
        self._store, self._fields = store, frozenset(fields)
        self._values: dict[str, str] = {}
        self._name = ""
        self._parts = 0
        self._ended = self._has_file = False
        self._part = ""
        self._held = bytearray()
        self._header = [bytearray(), bytearray()]
        self._disposition = b""
        callbacks = {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
        except FormParserError as error:
            raise _broken() from error

    def feed(self, data: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(data)
        except (FormParserError, UnicodeError) as error:
            raise _broken() from error

    def close(self) -> tuple[dict[str, str], str]:
        """The fields by name and the client's name for the file, when the body has ended."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise _broken() from error
        if not self._ended:
            raise Refusal(400, "the form is cut short; send it again")
        if not self._has_file:
            raise Refusal(422, "the form has no part `file`; add it")
        return self._values, self._name

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS:
            raise Refusal(422, f"more than {PARTS} parts in the form; send one file")
        self._part, self._disposition = "", b""
        self._held.clear()

    def _header_end(self) -> None:
        field, value = (bytes(each) for each in self._header)
        if field.strip().lower() == b"content-disposition":
            self._disposition = value
        for each in self._header:
            each.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "file":
            if self._has_file:
                raise Refusal(422, "two parts are called `file`; send one")
            self._has_file = True
            self._name = options.get(b"filename", b"")[:NAME].decode("utf-8", "replace")
        elif name not in self._fields:
            known = ", ".join(["file", *sorted(self._fields)])
            raise Refusal(422, f"a part of the form is none of {known}; leave it out")
        elif name in self._values:
            raise Refusal(422, f"`{name}` comes twice in the form; send it once")
        self._part = name

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part == "file":
            self._store(data[start:end])
            return
        self._held += data[start:end]
        if len(self._held) > FIELD:
            raise Refusal(422, f"`{self._part}` is longer than {FIELD} bytes; shorten it")

    def _part_end(self) -> None:
        if self._part != "file":
            self._values[self._part] = self._held.decode("utf-8", "replace").strip()

    def _end(self) -> None:
        self._ended = True


def _broken() -> Refusal:
    return Refusal(400, "not a form that can be read; send multipart/form-data, or the file alone as the body")
