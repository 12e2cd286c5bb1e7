"""Who may ask, and what every answer carries: the layer around the whole server."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import socket
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.web.page import POLICY
from mien.web.settings import LOOPBACK, Settings

OPEN = ("/", "/healthz", "/favicon.ico")
"""Answered without a token, as are the page's files: they are the same everywhere."""
LINGER = 1.0
"""Seconds for which a refused body is read on."""
LINGER_BYTES = 4_000_000
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI: checks Host, Origin and token, puts headers on every answer, and waits for no client for ever.

    - Host: loopback's names, addresses, and the names given; a page elsewhere whose name is made to point here (DNS
      rebinding) comes with its own name.
    - Origin: a page of another server may not send forms or open the socket, whatever the browser allows.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._names = {*LOOPBACK, settings.host.lower(), *(name.lower() for name in settings.allow_hosts)}
        if not settings.loopback:
            self._names.add(socket.gethostname().lower())
        self._origins = {origin.rstrip("/").lower() for origin in settings.allow_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if scope["type"] == "websocket":
            if refused is None:
                await self._app(scope, receive, self._patient(send))
            else:
                await _turn_away(refused, receive, send)
            return
        body = _Body(headers, receive)
        decorated = self._decorated(body, send)
        if refused is None:
            await self._app(scope, body.receive, decorated)
        else:
            status, message = refused
            more = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
            await JSONResponse({"error": message}, status, more)(scope, receive, decorated)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if not self._known(headers.get("host", "")):
            return 403, "not known under this name; open it as localhost, or start it with --allow-host NAME"
        origin = headers.get("origin")
        if origin and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")):
            same = urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
            if not same and origin.rstrip("/").lower() not in self._origins:
                return 403, "a page of another server may not ask; start mien serve with --allow-origin ORIGIN"
        path = scope["path"]
        if not self._settings.token or path in OPEN or path.startswith("/page/"):
            return None
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and self._origins:
            return None  # a browser's question whether it may ask carries no token
        return None if self._has_token(scope, headers) else (401, "the token is missing or wrong; open the address "
                                                                  "that mien serve printed")  # fmt: skip

    def _known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        given = []
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            given.append(value.strip())
        if scope["type"] == "websocket" or scope["method"] == "GET":
            given += parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        wanted = self._settings.token.encode()
        return any(secrets.compare_digest(each.encode("utf-8", "replace"), wanted) for each in given)

    def _patient(self, send: Send) -> Send:
        seconds = self._settings.send_timeout

        async def bounded(message: Message) -> None:
            await asyncio.wait_for(send(message), seconds)

        return bounded

    def _decorated(self, body: _Body, send: Send) -> Send:
        patient = self._patient(send)

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if body.open:  # what else a client sends is not wanted
                    headers["Connection"] = "close"
            elif body.open and not message.get("more_body"):
                await patient({**message, "more_body": True})
                await body.linger()
                message = {"type": "http.response.body", "body": b""}
            await patient(message)

        return decorated


class _Body:
    """A request's body on its way to the application: whether it has come to its end."""

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self.open = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._receive = receive

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            self.open = False
        return message

    async def linger(self) -> None:
        """Read on for a moment: a client that is cut off within its sending would not see the answer."""
        taken = 0
        try:
            async with asyncio.timeout(LINGER):
                while self.open and taken < LINGER_BYTES:
                    taken += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return


async def _turn_away(refused: tuple[int, str], receive: Receive, send: Send) -> None:
    """A socket without a token is told why; one of a strange page is not opened at all."""
    status, message = refused
    if status == 401:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1008, "reason": message[:120]})
    else:
        await send({"type": "websocket.close", "code": 1008})
