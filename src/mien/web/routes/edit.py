"""`/v1/edit`: a face with another expression, where a generator is loaded."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.edited_file import mark, picture_file
from mien.runtime.editing import EditablePhoto
from mien.runtime.expression_space import ExpressionSpace
from mien.web.refusal import Refusal
from mien.web.routes.refusals import BODY, body, refusals
from mien.web.schema import Space
from mien.web.service import Service

NONE = "no generator is loaded; start mien serve with --generator NAME"
_NUMBER = {"type": "number", "minimum": -1, "maximum": 1}
FIELDS: dict[str, dict[str, Any]] = {
    "x": _NUMBER,
    "y": _NUMBER,
    "emotion": {"type": "string", "description": "In place of x and y."},
    "intensity": {"type": "number", "minimum": 0, "maximum": 1, "description": "Of the emotion, 1 by default."},
    "face": {"type": "integer", "minimum": 0, "description": "From 0 from left to right; the largest by default."},
}


def router(service: Service) -> APIRouter:
    """The routes, for one server."""
    routes = APIRouter()

    @routes.post(
        "/v1/edit",
        response_class=Response,
        responses=refusals(404, *BODY) | {200: {"content": {"image/png": {}}, "description": "The edited picture."}},
        openapi_extra=body("A picture.", FIELDS),
    )
    async def edit(request: Request) -> Response:
        """The picture with one face's expression changed, marked as edited in its metadata."""
        if service.editor is None:
            raise Refusal(404, NONE)
        async with service.uploads.one(request, service.settings.max_picture, tuple(FIELDS)) as upload:
            code = code_of(service.editor.space, upload.fields)
            face = _face(upload.fields.get("face", ""))
            async with service.pictures:
                image = await asyncio.wrap_future(service.pool.picture(upload.read()))
                made = await asyncio.wrap_future(service.slow.submit(_edited, service, image, code, face))
        return Response(made, media_type="image/png")

    @routes.get("/v1/edit/space", response_model=Space, responses=refusals(404))
    async def space() -> JSONResponse:
        """Where the emotions lie in the generator's space."""
        if service.editor is None:
            raise Refusal(404, NONE)
        found: ExpressionSpace = service.editor.space
        places = {name: [round(float(v), 4) for v in found.place(name)[:2]] for name in found.emotions}
        return JSONResponse({"emotions": places, "png": None})

    return routes


def code_of(space: ExpressionSpace, fields: Mapping[str, str]) -> NDArray[np.float32]:
    """The point that a form asks for; in a linear space one beyond length 1 is brought back to it.

    Raises:
        Refusal: 422 for what makes no sense.
    """
    name, x, y = (fields.get(key, "") for key in ("emotion", "x", "y"))
    try:
        if name and (x or y):
            raise MienError("emotion, and x and y, both say where to go; send one")
        if name:
            return space.code(name, _number(fields.get("intensity") or "1", "intensity", 0))
        if not (x and y):
            raise MienError("where to go is not said; send x and y, or emotion")
        point = np.array([_number(x, "x", -1), _number(y, "y", -1)], np.float32)
        if space.kind == "linear":
            point /= max(float(np.linalg.norm(point)), 1.0)
        return space.check(np.concatenate([point, space.neutral[2:]]))  # a third coordinate stays neutral's
    except MienError as error:
        raise Refusal(422, str(error)) from None


def _edited(service: Service, image: NDArray[np.uint8], code: NDArray[np.float32], face: int | None) -> bytes:
    editor = service.editor
    try:
        photo = EditablePhoto(editor, image, detector=service.analyzer.detector, face=face)
        with service.spool.folder_for() as folder:
            picture_file(folder / "edited.png", photo.edited(code), mark(editor.name, editor.sha256))
            return (folder / "edited.png").read_bytes()
    except MienError as error:
        raise Refusal(422, str(error).removeprefix("array: ").partition(";")[0]) from None


def _number(text: str, name: str, least: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= 1:
        raise Refusal(422, f"{name}: expected a number of {least:g} to 1")
    return value


def _face(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Refusal(422, "face: expected a whole number from 0 on")
    return int(text)
