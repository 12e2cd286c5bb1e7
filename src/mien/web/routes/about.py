"""What the server says of itself: models, health, metrics."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from mien import __version__
from mien.runtime.model_record import ModelRecord, bundled_records, of_spec
from mien.web.routes.refusals import refusals
from mien.web.schema import Health, Models
from mien.web.service import Service

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def router(service: Service) -> APIRouter:
    """The routes, for one server."""
    routes = APIRouter()
    listed: list[dict[str, Any]] = []

    @routes.get("/v1/models", response_model=Models, responses=refusals())
    async def models() -> JSONResponse:
        """The models that come with mien, and which is in use."""
        if not listed:
            listed.extend(await asyncio.wrap_future(service.slow.submit(_models, service)))
        generator = None if service.editor is None else service.editor.name
        return JSONResponse({"models": listed, "detector": service.analyzer.detector, "generator": generator})

    @routes.get("/healthz", response_model=Health, responses=refusals())
    async def health() -> JSONResponse:
        """That the server lives, for whoever watches it."""
        return JSONResponse({"status": "ok", "version": __version__, "model": service.analyzer.spec.name})

    @routes.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses=refusals() | {200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}},
    )
    async def metrics() -> PlainTextResponse:
        """Counters and gauges for Prometheus; no word of a client is in them."""
        return PlainTextResponse(service.metrics.text(service.gauges()), media_type=_TEXT)

    return routes


def _models(service: Service) -> list[dict[str, Any]]:
    loaded = service.analyzer.spec
    records = [(one, one.name == loaded.name) for one in bundled_records() if one.heads]
    if not any(mine for _, mine in records):
        records.insert(0, (of_spec(loaded, "local", ""), True))  # where it lies is nobody's business
    return [_told(one, mine) for one, mine in records]


def _told(record: ModelRecord, loaded: bool) -> dict[str, Any]:
    return {
        "name": record.name,
        "kind": record.kind,
        "loaded": loaded,
        "parameters": record.parameters,
        "input": list(record.input),
        "heads": [asdict(head) for head in record.heads],
        "licence": record.licence,
    }
