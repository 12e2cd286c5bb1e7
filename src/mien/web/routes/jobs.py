"""`/v1/jobs`: videos, analysed one after the other while the client looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from mien.images.kind import kind_of
from mien.web.refusal import Refusal
from mien.web.routes.refusals import BODY, body, refusals
from mien.web.sandbox.container import container_of
from mien.web.sandbox.decode import Probe
from mien.web.schema import JobMade, JobState, Rows
from mien.web.service import Service
from mien.web.settings import Settings

MOST_ROWS = 10**9
FIELDS: dict[str, dict[str, Any]] = {
    "every": {"type": "integer", "minimum": 1, "maximum": 10_000, "description": "Look at each N-th frame."},
    "fps": {"type": "number", "exclusiveMinimum": 0, "maximum": 240, "description": "Or at so many a second."},
    "detect_every": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Look for faces each N-th time."},
}
RAW = ("video/mp4", "video/webm", "video/quicktime", "application/octet-stream")


def router(service: Service) -> APIRouter:
    """The routes, for one server."""
    routes = APIRouter()

    @routes.post(
        "/v1/jobs",
        status_code=202,
        response_model=JobMade,
        responses=refusals(*BODY),
        openapi_extra=body("A video.", FIELDS, RAW),
    )
    async def send(request: Request) -> JSONResponse:
        """Take a video on. It is deleted when it is analysed, its rows a while later."""
        async with service.uploads.one(request, service.settings.max_upload, tuple(FIELDS)) as upload:
            options = options_of(upload.fields)
            container = container_of(upload.head)
            if container is None:
                picture = "a picture, not a video; send it to /v1/analyze"
                raise Refusal(415, picture if kind_of(upload.head) else "not a video known here; convert it to MP4")
            async with service.pictures:
                probe = await asyncio.wrap_future(service.pool.probe(upload.path, container))
            check(probe, service.settings)
            job = service.jobs.add(upload, probe, options)
        return JSONResponse({"id": job.id, "state": job.state}, 202, {"Location": f"/v1/jobs/{job.id}"})

    @routes.get("/v1/jobs/{job}", response_model=JobState, responses=refusals(404, 422))
    async def look(job: str) -> JSONResponse:
        """Where a video stands."""
        return JSONResponse(service.jobs.get(job).told())

    @routes.get("/v1/jobs/{job}/rows", response_model=Rows, responses=refusals(404, 422))
    async def rows(job: str, after: int = Query(0, ge=0, le=MOST_ROWS)) -> JSONResponse:
        """Rows from number `after` on, as they come."""
        found = service.jobs.get(job).page(after)
        return JSONResponse({"rows": found, "next": after + len(found)})

    @routes.get(
        "/v1/jobs/{job}/table.csv",
        response_class=StreamingResponse,
        responses=refusals(404, 422) | {200: {"content": {"text/csv": {}}, "description": "The table so far."}},
    )
    async def table(job: str) -> StreamingResponse:
        """The table as CSV: all of it when the job is done, else what there is."""
        found = service.jobs.get(job)
        stem = found.name.rpartition(".")[0] or found.name
        name = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in stem)
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(found.csv(), 200, headers, "text/csv")

    @routes.delete("/v1/jobs/{job}", response_model=JobState, responses=refusals(404, 422))
    async def delete(job: str) -> JSONResponse:
        """Cancel it and delete all that is left of it."""
        gone = service.jobs.delete(job)
        told = gone.told()
        return JSONResponse(told | {"state": told["state"] if gone.state in ("done", "failed") else "cancelled"})

    return routes


def options_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The form's fields as numbers.

    Raises:
        Refusal: 422 for what is none, or out of range.
    """
    every, fps = fields.get("every", ""), fields.get("fps", "")
    if every not in ("", "1") and fps:
        raise Refusal(422, "every and fps both say which frames to look at; send one")
    return {
        "every": _whole(every, "every"),
        "fps": _rate(fps),
        "detect_every": _whole(fields.get("detect_every", ""), "detect_every"),
    }


def check(probe: Probe, settings: Settings) -> None:
    """Refuse a video whose header names more than the limits."""
    if probe.width < 1 or probe.height < 1:
        raise Refusal(422, "frames without a size; convert the video to MP4 (H.264)")
    if probe.width * probe.height > settings.max_pixels:
        raise Refusal(413, f"frames of {probe.width} x {probe.height} pixels, more than the limit; shrink the video")
    if probe.duration is not None and probe.duration > settings.max_duration:
        raise Refusal(413, f"longer than the limit of {settings.max_duration:g} s; cut the video")
    if probe.frames is not None and probe.frames > settings.max_frames:
        raise Refusal(413, f"more frames than the limit of {settings.max_frames:,}; cut the video")


def _whole(text: str, name: str) -> int:
    most = FIELDS[name]["maximum"]
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise Refusal(422, f"{name}: expected a whole number of 1 to {most}")
    return int(text)


def _rate(text: str) -> float | None:
    if not text:
        return None
    most = FIELDS["fps"]["maximum"]
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        raise Refusal(422, f"fps: expected a number above 0, at most {most}")
    return value
