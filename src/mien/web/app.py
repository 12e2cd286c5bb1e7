"""The server as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from mien import __version__
from mien.web.guard import Guard
from mien.web.metrics import Counted
from mien.web.refusal import Refusal
from mien.web.routes import about, analyze, edit, jobs, live, page
from mien.web.service import Service

log = logging.getLogger("mien.web")
EXPIRY = 10.0
"""Seconds between looks for jobs that are to be forgotten."""
ABOUT = (
    "Facial expressions in pictures and videos. Numbers are a model's calibrated guesses at what a face shows, not at "
    "what a person feels. Files stay on the machine that runs this server and are deleted after use."
)


def make_app(service: Service) -> FastAPI:
    """The application for an open service, which it closes when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        expiring = asyncio.create_task(_expire(service))
        try:
            yield
        finally:
            expiring.cancel()
            await asyncio.to_thread(service.close)

    # no /docs: its page loads scripts from elsewhere
    app = FastAPI(
        title="mien", version=__version__, description=ABOUT, docs_url=None, redoc_url=None, lifespan=lifespan
    )
    for one in (analyze, jobs, edit, about, live):
        app.include_router(one.router(service))
    app.include_router(page.router())
    _tell_errors(app)
    app.add_middleware(Counted, metrics=service.metrics)
    app.add_middleware(Guard, settings=service.settings)
    if service.settings.allow_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(service.settings.allow_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    return app


def _tell_errors(app: FastAPI) -> None:
    """Every error is `{"error": line}`."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> JSONResponse:
        return JSONResponse({"error": error.message}, error.status, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first.get("loc", ())[1:])
        return JSONResponse({"error": f"{place}: {first.get('msg', 'not valid')}"}, 422)

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> JSONResponse:
        told = {404: "no such address; /openapi.json lists them", 405: "not with this method; see /openapi.json"}
        message = told.get(error.status_code, str(error.detail))
        return JSONResponse({"error": message}, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": "a bug of mien's; its log says more"}, 500)


async def _expire(service: Service) -> None:
    while True:
        await asyncio.sleep(EXPIRY)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(service.jobs.expire)
