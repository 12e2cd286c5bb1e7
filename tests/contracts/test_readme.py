"""Every command and option that the README and the model cards name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from mien.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "models").glob("*.md"))]
CALL = re.compile(r"(?:^|[`$ /])mien ([a-z][a-z-]*(?: [^`\n#]*)?)", re.MULTILINE)


def code(text: str) -> Iterator[str]:
    """Fenced blocks and inline code of a Markdown page."""
    fences = re.compile(r"^```(?:console|sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    yield from fences.findall(text)
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def calls(page: Path) -> list[str]:
    """What stands behind `mien` in the page's code."""
    joined = (block.replace("\\\n", " ") for block in code(page.read_text(encoding="utf-8")))
    return [match.strip() for block in joined for match in CALL.findall(block)]


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def check(call: str) -> None:
    """Follow a call through groups to its command, then look its options up there."""
    command: Any = typer.main.get_command(app)
    words = call.split()
    while hasattr(command, "commands") and words:
        word = words.pop(0)
        assert word in command.commands, f"mien {call}: no command {word}"
        command = command.commands[word]
    known = {*options(command), "--help", "-h"}
    for word in words:
        if word.startswith("--"):
            name = word.partition("=")[0].rstrip(".,;)]")
            assert name in known, f"mien {call}: no option {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    for call in calls(page):
        check(call)


def test_the_readme_shows_every_command() -> None:
    shown = {call.split()[0] for call in calls(ROOT / "README.md")}
    assert set(typer.main.get_command(app).commands) <= shown  # type: ignore[attr-defined]


def test_makes_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = {m for block in code(page.read_text(encoding="utf-8")) for m in re.findall(r"\bmake ([a-z]+)", block)}
        assert named <= targets, page.name
