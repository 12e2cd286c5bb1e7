"""The shared test environment: keyed by the lock, whole or made again, built by one process at a time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "environment.py"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with a lock file and a cache of its own, that runs no command."""
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "dev.txt")
    (tmp_path / "dev.txt").write_text("numpy==2.4.6\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(module, "find_uv", lambda venv: None)
    return module


class Commands:
    """Stands for `run`: makes the venv's folder, and fails at the n-th command if told to."""

    def __init__(self, fail_at: int = 0) -> None:
        self.lines: list[str] = []
        self.fail_at = fail_at

    def __call__(self, *command: str | Path, **_: str) -> None:
        self.lines.append(" ".join(map(str, command)))
        if len(self.lines) == self.fail_at:
            raise subprocess.CalledProcessError(1, [str(c) for c in command])
        if "venv" in command:
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            (Path(command[-1]) / "lib" / version / "site-packages").mkdir(parents=True)


def test_another_lock_makes_another_environment(environment: ModuleType) -> None:
    before = environment.shared_folder()
    assert before == environment.shared_folder()
    environment.LOCK.write_text("numpy==2.4.7\n", encoding="utf-8")
    assert environment.shared_folder() != before


def test_it_is_made_once(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands()
    monkeypatch.setattr(environment, "run", commands)
    environment.main()
    made = len(commands.lines)
    assert (environment.shared_folder() / "complete").is_file()
    environment.main()
    assert len(commands.lines) == made


def test_what_an_interrupted_run_left_is_made_again(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "run", Commands(fail_at=2))  # installing the packages
    with pytest.raises(subprocess.CalledProcessError):
        environment.main()
    shared = environment.shared_folder()
    assert shared.is_dir()
    (shared / "left").touch()
    monkeypatch.setattr(environment, "run", Commands())
    environment.main()
    assert (shared / "complete").is_file()
    assert not (shared / "left").exists()


def test_the_checkouts_own_layer_follows_pyproject(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands()
    monkeypatch.setattr(environment, "run", commands)
    environment.main()
    made = len(commands.lines)
    (environment.ROOT / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    environment.main()
    assert len(commands.lines) == made + 2  # the thin venv and the checkout, no package
