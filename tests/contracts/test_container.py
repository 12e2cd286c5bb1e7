"""Dockerfile and compose.yaml, checked by their parts: no container engine is needed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from mien.cli import serve

ROOT = Path(__file__).parents[2]
PORT = 8000


class Step(NamedTuple):
    """One instruction, its continued lines joined."""

    word: str
    rest: str


def stages() -> list[list[Step]]:
    """The Dockerfile's instructions, stage by stage."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    found: list[list[Step]] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append(Step(word, rest.strip()))
    return found


def all_of(word: str, steps: list[Step]) -> list[str]:
    return [step.rest for step in steps if step.word == word]


def only(word: str, steps: list[Step]) -> str:
    (rest,) = all_of(word, steps)
    return rest


BUILD, FINAL = stages()


def health() -> list[str]:
    return list(json.loads(only("HEALTHCHECK", FINAL).partition("CMD ")[2]))


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert list(services) == ["mien"]
    return dict(services["mien"])


def test_both_stages_stand_on_one_slim_python_that_mien_runs_on() -> None:
    bases = {rest.split(" AS ")[0] for stage in (BUILD, FINAL) for rest in all_of("FROM", stage)}
    (base,) = bases
    version = re.fullmatch(r"python:3\.(\d+)-slim", base)
    assert version is not None
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert int(version[1]) >= int(wanted["requires-python"].removeprefix(">=3."))
    assert any(entry.endswith(f":: 3.{version[1]}") for entry in wanted["classifiers"])


def test_it_is_not_root_who_serves() -> None:
    user = only("USER", FINAL)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    words = [step.word for step in FINAL]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]
    assert f"--uid {user.split(':')[0]} " in all_of("RUN", FINAL)[0]


def test_nothing_is_fetched_but_packages() -> None:
    commands = [rest for stage in (BUILD, FINAL) for rest in all_of("RUN", stage)]
    assert not any(re.search(r"curl|wget|git |pull|https?:", command) for command in commands)
    assert not [step for stage in (BUILD, FINAL) for step in stage if step.word == "ADD"]


def test_onnx_runtime_sends_nothing() -> None:
    """From 1.29 on its Linux wheels tell Microsoft of every session unless this stands in the environment."""
    assert "ORT_DISABLE_TELEMETRY=1" in only("ENV", FINAL).split()


def test_what_is_copied_is_there_and_sent_to_the_build() -> None:
    copied = [name for rest in all_of("COPY", BUILD) for name in rest.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == sent
    (artefact,) = all_of("COPY", FINAL)
    assert artefact == "--from=build /opt/mien /opt/mien"


def test_what_the_package_is_built_from_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    copied = [name for rest in all_of("COPY", BUILD) for name in rest.split()[:-1]]
    for name in (project["readme"], *project["license-files"]):
        assert any(name == each or name.startswith(f"{each}/") for each in copied), name
    assert ".[web]" in " ".join(all_of("RUN", BUILD))
    assert "web" in project["optional-dependencies"]


def command_of(words: list[str]) -> dict[str, Any]:
    """What `mien serve` makes of these words."""
    app = typer.Typer()
    serve.register(app)
    assert words[0] == "serve"
    return typer.main.get_command(app).make_context("serve", words[1:]).params


def test_the_command_is_one_that_mien_knows(service: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(only("ENTRYPOINT", FINAL)) == ["mien"]
    monkeypatch.setenv("MIEN_TOKEN", "secret")
    for words in (json.loads(only("CMD", FINAL)), service["command"]):
        asked = command_of(words)
        assert (asked["host"], asked["port"], asked["token"]) == ("0.0.0.0", PORT, "secret")


def test_without_a_token_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIEN_TOKEN", raising=False)
    asked = command_of(json.loads(only("CMD", FINAL)))
    assert asked["token"] == ""
    assert len(serve.made_token(asked["host"])) >= 20


def test_one_port_everywhere(service: dict[str, Any]) -> None:
    assert only("EXPOSE", FINAL) == str(PORT)
    assert f"127.0.0.1:{PORT}/healthz" in health()[2]
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]  # and of this machine alone


def test_compose_gives_no_more_than_is_needed(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == only("USER", FINAL)
    assert not {"privileged", "cap_add", "volumes", "network_mode", "pid", "ipc", "devices"} & set(service)
    (written,) = service["tmpfs"]
    assert written.startswith("/tmp:size=")
    assert {"noexec", "nosuid", "nodev"} <= set(written.split(":")[1].split(","))
    assert service["mem_limit"] == service["memswap_limit"]
    assert 0 < service["pids_limit"] <= 1024
    assert service["environment"]["MIEN_TOKEN"].startswith("${MIEN_TOKEN:?")  # compose stops without one


def test_the_largest_upload_fits_into_what_may_be_written(service: dict[str, Any]) -> None:
    room = re.search(r"size=(\d+)g", service["tmpfs"][0])
    assert room is not None
    assert 2 * command_of(service["command"])["max_upload"] < 1000 * int(room[1])


class Health(BaseHTTPRequestHandler):
    code = 200

    def do_GET(self) -> None:
        self.send_response(self.code if self.path == "/healthz" else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def healthy(port: int, python: str = sys.executable) -> bool:
    """Run the health check as it stands, but for the port."""
    name, *words = [word.replace(f":{PORT}/", f":{port}/") for word in health()]
    assert name == "python"
    return subprocess.run([python, *words], capture_output=True, timeout=30).returncode == 0


def test_the_health_check_tells_well_from_ill_and_gone(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Health, "code", 200)
    assert healthy(port)
    monkeypatch.setattr(Health, "code", 503)
    assert not healthy(port)
    assert not healthy(free_port())


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the image is a Linux one")
def test_the_build_runs_and_what_it_built_serves() -> None:
    """The RUN lines of the build in a folder of its own, then the entry point as another user, with nothing but its
    temporary folder to write into."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the other user passes through
        source, written = folder / "src", folder / "tmp"
        source.mkdir()
        written.mkdir(mode=0o1777)
        written.chmod(0o1777)
        venv = build(source, folder)
        assert not (venv / "bin" / "pip").exists()
        port = free_port()
        words = [*json.loads(only("ENTRYPOINT", FINAL)), *json.loads(only("CMD", FINAL)), "--port", str(port)]
        other = {"user": 10001, "group": 10001, "extra_groups": []} if _others_may_run(sys.executable) else {}
        surroundings = {"MIEN_TOKEN": "secret", "TMPDIR": str(written), "HOME": str(written)}
        for pair in shlex.split(only("ENV", FINAL)):
            key, _, value = pair.partition("=")
            value = value.replace("/opt/", f"{folder}/opt/").replace("/tmp/", f"{written}/")
            surroundings[key] = value.replace("$PATH", "/usr/bin:/bin")
        words[0] = str(venv / "bin" / words[0])
        before = _files(folder, written)
        with subprocess.Popen(
            words, env=surroundings, cwd=written, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **other
        ) as process:  # fmt: skip
            try:
                until = time.monotonic() + 120
                while not (well := healthy(port, f"{venv}/bin/python")) and process.poll() is None:
                    assert time.monotonic() < until
                    time.sleep(0.5)
            finally:
                process.terminate()
            said = process.communicate(timeout=30)[0]
        assert well, said
        assert "token=secret" in said
        assert _files(folder, written) == before
        assert [path.name for path in written.rglob("*")] == []  # what it wrote there, it took away


def _others_may_run(python: str) -> bool:
    """Whether this process may become another user, to whom the interpreter is not hidden in somebody's home."""
    folders = Path(python).resolve().parents
    return os.getuid() == 0 and all(folder.stat().st_mode & 0o001 for folder in folders)


def _files(folder: Path, but: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if but not in (path, *path.parents)}


def build(source: Path, folder: Path) -> Path:
    """Follow the build stage's COPY and RUN lines, `/opt` lying in the folder: the environment that they made."""
    for step in BUILD:
        if step.word == "COPY":
            *names, target = step.rest.split()
            for each in names:
                if (ROOT / each).is_dir():
                    shutil.copytree(ROOT / each, source / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / each, source / target)
        elif step.word == "RUN":
            command = step.rest.replace("/opt/", f"{shlex.quote(str(folder))}/opt/")
            command = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", command)
            done = subprocess.run(["sh", "-c", command], cwd=source, capture_output=True, text=True, timeout=1200)
            if done.returncode and re.search("No matching distribution|onnection", done.stderr):
                pytest.skip("no package index can be reached")
            assert done.returncode == 0, done.stderr
    return folder / "opt" / "mien"
