"""What must not stand in the repository: data sets, machines' paths, hosts of package registries."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
DATA = {".parquet", ".npz", ".npy", ".zip", ".gz", ".tar", ".pt", ".pth", ".pkl", ".h5", ".safetensors", ".feather"}
LARGE = 200_000  # bytes; weights have a limit of their own
HOSTS = re.compile("|".join(["py" + r"pi\.(org|python)", "python" + "hosted", "conda" + r"\.(io|org)"]))
PATHS = re.compile("|".join(["/ro" + "ot/", "/home" + r"/\w+/"]))


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Files that git keeps, and new ones that it would."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_data_set_is_kept(tracked: list[Path]) -> None:
    told = ROOT / "recipes/teachers"  # probabilities alone, see below
    assert [path for path in tracked if path.suffix in DATA and path.parent != told] == []
    large = [path for path in tracked if path.stat().st_size > LARGE and path.suffix != ".onnx"]
    assert large == []


def test_what_teachers_said_holds_no_labels(tracked: list[Path]) -> None:
    for path in tracked:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as stored:
                assert not {"targets", "votes", "pixels"} & set(stored.files), path


def test_no_file_names_a_registry_or_somebodys_folder(tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or weights
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for rule in (HOSTS, PATHS) for m in rule.finditer(text)]
    assert found == []


def test_ci_scripts_can_be_run() -> None:
    for name in ("run", "python", "tool"):
        assert (ROOT / ".ci" / name).stat().st_mode & 0o111, name
