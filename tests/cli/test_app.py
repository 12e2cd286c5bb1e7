from __future__ import annotations

import sys

import pytest
import typer
from typer.testing import CliRunner

from mien import __version__
from mien.cli import COMMANDS
from mien.cli import app as cli
from mien.errors import MienError

runner = CliRunner()


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Exit code of `mien WORDS`."""
    monkeypatch.setattr(sys, "argv", ["mien", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    code = stopped.value.code
    assert isinstance(code, int)
    return code


def test_version() -> None:
    assert runner.invoke(cli.app, ["--version"]).stdout == f"mien {__version__}\n"


def test_help_names_every_command() -> None:
    names = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
    assert len(names) == len(COMMANDS)
    shown = runner.invoke(cli.app, ["--help"], terminal_width=200).stdout
    assert all(name in shown for name in names)


@pytest.mark.parametrize("words", [("nothing",), ("models", "list", "--loud"), ("models", "show")])
def test_bad_usage_is_exit_code_2(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, *words) == 2


def test_bad_input_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "models", "show", "nothing.onnx") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "mien: nothing.onnx: no such model file; check the path\n"


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_DEBUG", "")  # put back as it was afterwards
    monkeypatch.setattr(sys, "argv", ["mien", "--debug", "models", "show", "nothing.onnx"])
    with pytest.raises(MienError):
        cli.main()


def test_an_interrupt_is_exit_code_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    assert call(monkeypatch) == 130
    assert capsys.readouterr().err == "mien: interrupted\n"
