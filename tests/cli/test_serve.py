from __future__ import annotations

import socket
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("fastapi")

from mien.cli import serve
from mien.errors import MienError
from mien.web import serving
from mien.web.settings import Settings

app = typer.Typer()
serve.register(app)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What `serve_forever` was called with; it says where it listens and returns."""
    calls: list[Any] = []

    def forever(settings: Settings, port: int, editor: Any, told: Any) -> None:
        calls.append((settings, port, editor))
        told(serving.address(settings.host, port))

    monkeypatch.setattr(serving, "serve_forever", forever)
    return calls


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_loopback_needs_no_token(served: list[Any]) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    ((settings, port, editor),) = served
    assert (settings.host, port, settings.token, settings.loopback) == ("127.0.0.1", 8000, "", True)
    assert editor is not None  # a generator comes with mien
    assert result.stdout == "http://127.0.0.1:8000/\n"
    assert "Only this machine" in result.stderr


def test_other_addresses_get_a_token_that_nobody_guesses(served: list[Any]) -> None:
    tokens = set()
    for _ in range(2):
        result = run("--host", "0.0.0.0", "--port", "9000")
        token = served[-1][0].token
        assert result.stdout == f"http://127.0.0.1:9000/?token={token}\n"
        assert "not encrypted" in result.stderr
        tokens.add(token)
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 32


def test_options_reach_the_server(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_TOKEN", "from-the-environment")
    words = ["--generator", "none", "--max-upload", "7", "--max-megapixels", "1.5", "--keep", "2", "--workers", "3",
             "--allow-host", "lab", "--allow-origin", "https://lab.example.org", "--timeout", "3", "-q"]  # fmt: skip
    result = run(*words)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    settings, _, editor = served[0]
    assert editor is None
    assert settings == Settings(
        token="from-the-environment", allow_hosts=("lab",), allow_origins=("https://lab.example.org",),
        max_upload=7_000_000, max_pixels=1_500_000, timeout=3, workers=3, keep=120, generator="none",
    )  # fmt: skip


def test_what_cannot_be_is_told_in_one_line(served: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("--allow-origin", "lab.example.org")
    assert isinstance(result.exception, MienError)
    assert "https://" in str(result.exception)
    monkeypatch.undo()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--port", str(taken.getsockname()[1]))
    assert isinstance(result.exception, MienError)
    assert "choose another --port" in str(result.exception)
