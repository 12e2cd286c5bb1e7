"""The page: `index.html` at `/`, the files beside it at `/page/...`; names are looked up, never opened."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from mien.web import page
from mien.web.refusal import Refusal

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


def files() -> dict[str, Path]:
    """Name -> file of all that the page is made of."""
    folder = Path(page.__file__).parent
    found = (path for path in folder.rglob("*") if path.suffix in TYPES and path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    known = files()

    def answer(name: str) -> Response:
        if name not in known:
            raise Refusal(404, "no such page; open /")
        return Response(known[name].read_bytes(), media_type=TYPES[known[name].suffix])

    @routes.get("/")
    async def index() -> Response:
        return answer("index.html")

    @routes.get("/page/{name:path}")
    async def file(name: str) -> Response:
        return answer(name)

    @routes.get("/favicon.ico")
    async def icon() -> Response:
        return answer("icon.svg")

    return routes
