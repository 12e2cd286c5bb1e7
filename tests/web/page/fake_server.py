"""A small server that keeps the page's contract with canned answers, so that the page is tested by itself."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

import mien.web.page
from mien.labels import EMOTIONS
from mien.table import columns

PAGE = Path(mien.web.page.__file__).parent
FRAMES, LOST = 60, range(20, 30)  # of the canned video at 20 frames a second; frames without a face
TOKEN = "a-token"


def png(colour: str = "teal", mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (32, 32), colour).save(stream, "PNG")
    return stream.getvalue()


def probabilities(top: str, p: float) -> dict[str, float | None]:
    """`p` for one emotion, the rest alike, none for the last: a seven-class model."""
    rest = (1 - p) / (len(EMOTIONS) - 2)
    return {name: None if name == EMOTIONS[-1] else p if name == top else rest for name in EMOTIONS}


def face(box: list[float], top: str, p: float, **more: Any) -> dict[str, Any]:
    return {
        "box": box, "score": 0.98, "emotion": probabilities(top, p), "top": top, "confidence": p, "abstain": False,
        "set": [top], "valence": 0.4, "arousal": -0.25, "action_units": {"AU12": 0.81},
    } | more  # fmt: skip


HAPPY = face([40, 30, 100, 110], EMOTIONS[3], 0.82)
UNSURE = face([150, 40, 200, 110], EMOTIONS[0], 0.41, abstain=True, set=[EMOTIONS[0], EMOTIONS[2], EMOTIONS[4]])


def row(frame: int, track: int, p: float) -> dict[str, Any]:
    """A row of the canned video; track 1 stands left and declines late."""
    found = frame not in LOST
    empty = dict.fromkeys(columns(affect=True, action_units=("AU12",)))
    base = empty | {"input": "upload", "frame": frame, "time": frame / 20, "success": int(found)}
    if not found:
        return base
    return base | probabilities(EMOTIONS[3 if track == 1 else 4], p) | {
        "face": track - 1, "track": track, "source": "detected", "FaceRectX": 20.0 + 100 * (track - 1),
        "FaceRectY": 20.0, "FaceRectWidth": 60.0, "FaceRectHeight": 70.0, "FaceScore": 0.9,
        "emotion": EMOTIONS[3 if track == 1 else 4], "confidence": p, "abstain": int(track == 1 and frame > 50),
        "set": EMOTIONS[3], "valence": 0.1, "arousal": 0.2, "AU12": 0.5,
    }  # fmt: skip


def canned_rows() -> list[dict[str, Any]]:
    """One row of track 1 a frame, a second of track 2 in the first fifteen frames."""
    made = []
    for frame in range(FRAMES):
        made.append(row(frame, 1, 0.5 + 0.4 * frame / FRAMES))
        if frame < 15:
            made.append(row(frame, 2, 0.7))
    return made


class Fake:
    """Routes and what was asked of them.

    Attributes:
        asked: "METHOD path?query" of every request, in order.
        forms: the fields of each form but its file, in order.
        busy: answers of 429 still to give to /v1/analyze.
        slow: seconds that a live frame and an edit take.
    """

    def __init__(self, *, generator: bool = True, token: str | None = None) -> None:
        self.generator, self.token = generator, token
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.frames: list[int] = []
        self.jobs: dict[str, float] = {}
        self.deleted: list[str] = []
        self.busy, self.slow, self.endless = 0, 0.0, False
        self.rows = canned_rows()
        page = StaticFiles(directory=PAGE)
        self.app = Starlette(
            routes=[
                Route("/", self.index),
                Mount("/page", page),
                Route("/v1/models", self.models),
                Route("/v1/analyze", self.analyze, methods=["POST"]),
                Route("/v1/jobs", self.begin, methods=["POST"]),
                Route("/v1/jobs/{id}", self.job, methods=["GET", "DELETE"]),
                Route("/v1/jobs/{id}/rows", self.job_rows),
                Route("/v1/jobs/{id}/table.csv", self.table),
                Route("/v1/edit/space", self.space),
                Route("/v1/edit", self.edit, methods=["POST"]),
                WebSocketRoute("/v1/live", self.live),
            ]
        )

    def refuse(self, request: Request) -> Response | None:
        """Note the question; a 401 where the token is missing."""
        query = f"?{request.url.query}" if request.url.query else ""
        self.asked.append(f"{request.method} {request.url.path}{query}")
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"error": "this server wants its token; open the address it printed"}, 401)
        return None

    async def index(self, request: Request) -> Response:
        headers = {"Content-Security-Policy": mien.web.page.POLICY, "Cache-Control": "no-store"}
        return Response((PAGE / "index.html").read_bytes(), media_type="text/html", headers=headers)

    async def models(self, request: Request) -> Response:
        return self.refuse(request) or JSONResponse({"models": [{"name": "canned", "labels": "ferplus"}]})

    async def analyze(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        if self.busy:
            self.busy -= 1
            return JSONResponse({"error": "busy; try again"}, 429, headers={"Retry-After": "0"})
        async with request.form() as sent:
            upload = sent["file"]
            name, data = upload.filename, await upload.read()  # type: ignore[union-attr]
        try:
            width, height = Image.open(io.BytesIO(data)).size
        except OSError:
            return JSONResponse({"error": "this is no picture that can be read; send JPEG, PNG or WebP"}, 415)
        faces = [] if "empty" in str(name) else [HAPPY, UNSURE]
        if request.query_params.get("heat") == "true":
            heat = "data:image/png;base64," + base64.b64encode(png("red")).decode()
            faces = [each | {"heat": heat} for each in faces]
        answer = {"model": "canned", "labels": "ferplus", "width": width, "height": height, "faces": faces, "ms": 12.3}
        return JSONResponse(answer)

    async def begin(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        async with request.form() as sent:
            self.forms.append({key: value for key, value in sent.items() if isinstance(value, str)})
        self.jobs["j1"] = time.monotonic()
        return JSONResponse({"id": "j1", "state": "queued"}, 202)

    def done(self, job: str) -> int:
        """Frames looked at: all within half a second, or a few for ever."""
        share = (time.monotonic() - self.jobs[job]) / 0.5
        return min(10 if self.endless else FRAMES, int(share * FRAMES))

    async def job(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        job = request.path_params["id"]
        if request.method == "DELETE":
            self.deleted.append(job)
            return Response(status_code=204) if self.jobs.pop(job, None) else JSONResponse({"error": "gone"}, 404)
        if job not in self.jobs:
            return JSONResponse({"error": "no such job; it was deleted, or the server was started anew"}, 404)
        n = self.done(job)
        state = "done" if n == FRAMES else "running"
        answer = {"id": job, "state": state, "frames_done": n, "frames": FRAMES, "progress": n / FRAMES, "eta_s": 3.2}
        return JSONResponse(answer | {"rows": n, "error": None, "duration": 3.0})

    async def job_rows(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        if request.path_params["id"] not in self.jobs:
            return JSONResponse({"error": "no such job"}, 404)
        after, n = int(request.query_params["after"]), self.done(request.path_params["id"])
        ready = [each for each in self.rows if each["frame"] < n]
        part = ready[after : after + 20]
        return JSONResponse({"rows": part, "next": after + len(part)})

    async def table(self, request: Request) -> Response:
        return self.refuse(request) or Response("input,frame\nupload,0\n", media_type="text/csv")

    async def space(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        if not self.generator:
            return JSONResponse({"error": "no generator is loaded; mien serve --generator NAME"}, 404)
        places = {EMOTIONS[3]: [0.8, 0.5], EMOTIONS[4]: [-0.7, -0.6], EMOTIONS[6]: [0.0, 0.0]}
        return JSONResponse({"emotions": places, "png": None})

    async def edit(self, request: Request) -> Response:
        if refused := self.refuse(request):
            return refused
        async with request.form() as sent:
            self.forms.append({key: value for key, value in sent.items() if isinstance(value, str)})
        await asyncio.sleep(self.slow)
        return Response(png(), media_type="image/png")

    async def live(self, ws: WebSocket) -> None:
        await ws.accept()
        if self.token and ws.query_params.get("token") != self.token:
            await ws.close(1008, "this server wants its token")
            return
        try:
            while True:
                data = await ws.receive_bytes()
                seq = int.from_bytes(data[:4], "little")
                width, height = Image.open(io.BytesIO(data[4:])).size
                self.frames.append(seq)
                await asyncio.sleep(self.slow)
                if seq % 7 == 3:
                    await ws.send_text(json.dumps({"seq": seq, "error": "no picture"}))
                    continue
                answer = {"seq": seq, "faces": [HAPPY], "width": width, "height": height, "ms": 1.0, "dropped": 0}
                await ws.send_text(json.dumps(answer))
        except WebSocketDisconnect:
            pass


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI app on a free port of this machine; its address, ending in a slash."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(10)
