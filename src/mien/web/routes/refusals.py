"""The ways in which a route may say no, as OpenAPI tells them."""

from __future__ import annotations

from typing import Any

from mien.web.schema import Problem

_WHY = {
    400: "Not a request or form that can be read.",
    401: "The token is missing or wrong.",
    403: "Asked for under a strange name, or by a page of another server.",
    404: "There is no such thing.",
    405: "Not with this method.",
    408: "The body came too slowly.",
    413: "Too many bytes, pixels, frames or seconds.",
    415: "Not a kind of file that is taken here; the content decides, not the name.",
    422: "A broken file, or values that make no sense.",
    429: "Too much at once; `Retry-After` says when to come again.",
    503: "The server is starting or stopping.",
}
ALWAYS = (400, 401, 403, 405)
BODY = (408, 413, 415, 422, 429, 503)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """FastAPI's `responses` for these statuses and those that every route has."""
    return {status: {"model": Problem, "description": _WHY[status]} for status in sorted({*ALWAYS, *statuses})}


def body(what: str, fields: dict[str, dict[str, Any]] | None = None, raw: tuple[str, ...] = ()) -> dict[str, Any]:
    """FastAPI's `openapi_extra` for a form with the part `file`, or the file alone under the types in `raw`."""
    file = {"type": "string", "format": "binary", "description": what}
    form = {
        "type": "object",
        "properties": {"file": file, **(fields or {})},
        "required": ["file"],
        "additionalProperties": False,
    }
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    content |= {kind: {"schema": file} for kind in raw}
    return {"requestBody": {"required": True, "content": content}}
