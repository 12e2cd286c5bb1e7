"""The server's life: opened, listening, stopped; uvicorn with our limits and without its log of addresses."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from mien.errors import MienError
from mien.web.app import make_app
from mien.web.protocol import patient_protocol
from mien.web.routes.live import MOST
from mien.web.service import Service
from mien.web.settings import Settings

if TYPE_CHECKING:
    from mien.runtime.expression_editor import ExpressionEditor

STOPPING = 5
"""Seconds that requests under way have when the server is stopped."""


def serve_forever(
    settings: Settings,
    port: int,
    editor: Callable[[], ExpressionEditor] | None,
    told: Callable[[str], None],
) -> None:
    """Serve until interrupted.

    Args:
        port: 0 for any that is free.
        editor: opens the generator; None: no editing.
        told: is called with the address when the server listens.

    Raises:
        MienError: a port that is taken, or a model that cannot be opened.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime reads it when it is first loaded
    listening = _listen(settings.host, port)
    with listening:
        service = Service(settings, editor)
        try:
            config = _config(settings, service)
            server = uvicorn.Server(config)
            with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a server ends
                told(address(settings.host, listening.getsockname()[1]))
                server.run(sockets=[listening])
        finally:
            service.close()


def address(host: str, port: int) -> str:
    """What to open in a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # every address: loopback among them
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def _config(settings: Settings, service: Service) -> uvicorn.Config:
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it would log what is wrong with a form
    return uvicorn.Config(
        make_app(service),
        http=patient_protocol(settings.read_timeout),
        ws="websockets-sansio",
        ws_max_size=MOST,
        ws_per_message_deflate=False,  # a frame of a few bytes could swell to gigabytes
        timeout_keep_alive=5,
        timeout_graceful_shutdown=STOPPING,
        h11_max_incomplete_event_size=16_384,
        log_level="warning",
        access_log=False,  # it would hold tokens
        server_header=False,
        proxy_headers=False,  # anybody could write them
        lifespan="on",
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise MienError(
            f"{host}:{port}: cannot listen there ({error.strerror or error}); choose another --port"
        ) from error
    listening.setblocking(False)
    return listening
