"""`POST /v1/analyze`: one picture in, its faces out."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from mien.web.answers import faces_told
from mien.web.routes.refusals import BODY, body, refusals
from mien.web.schema import Analysis
from mien.web.service import Service

RAW = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")


def router(service: Service) -> APIRouter:
    """The route, for one server."""
    routes = APIRouter()

    @routes.post(
        "/v1/analyze",
        response_model=Analysis,
        responses=refusals(*BODY),
        openapi_extra=body("A picture.", raw=RAW),
    )
    async def analyze(
        request: Request,
        heat: bool = Query(False, description="Also where the model looked; the first time it takes seconds."),
    ) -> JSONResponse:
        """Find the faces of a picture and what their expressions say. The picture is deleted with the answer."""
        async with service.uploads.one(request, service.settings.max_picture) as upload:
            start = time.perf_counter()
            async with service.pictures:
                image = await asyncio.wrap_future(service.pool.picture(upload.read()))
                faces = await asyncio.wrap_future(service.inference.faces(image))
                told = faces_told(faces)
                if heat:
                    maps = await asyncio.wrap_future(service.slow.submit(service.heat.of, image, faces))
                    for face, drawn in zip(told, maps, strict=True):
                        face["heat"] = drawn
        service.metrics.add("faces", len(told))
        answer = {
            "model": service.analyzer.spec.name,
            "labels": service.labels,
            "width": image.shape[1],
            "height": image.shape[0],
            "faces": told,
            "ms": round(1000 * (time.perf_counter() - start), 1),
        }
        return JSONResponse(answer)

    return routes
