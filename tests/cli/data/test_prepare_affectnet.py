"""`mien data prepare-affectnet`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.datasets.affectnet_miniature import Row, later_release, raw_release, table, tree
from typer.testing import Result

from mien.errors import MienError

Mien = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return raw_release(tmp_path / "AffectNet")


def test_all_sets_as_json_and_for_people(mien: Mien, root: Path, tmp_path: Path) -> None:
    done = mien("prepare-affectnet", root, "--out", tmp_path / "out", "--workers", 1, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["rows"], told["made"], told["kept"], told["skipped"]) == (14, 14, 0, {})
    assert list(told["sets"]) == ["training", "validation", "automatic"]
    again = mien("prepare-affectnet", root, "--out", tmp_path / "out", "--workers", 1)
    assert "Training_Labeled: 11 rows of training.csv: 0 made, 11 there already" in again.stdout


def test_bad_rows_give_exit_code_1_and_wanted_ones_do_not(mien: Mien, root: Path, tmp_path: Path) -> None:
    words = ("--out", tmp_path / "out", "--set", "training", "--emotions-only", "--workers", 1, "--json")
    done = mien("prepare-affectnet", root, *words)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["skipped"] == {"label": 3}
    (root / "Manually_Annotated_Images" / "0" / "a4.jpg").unlink()
    done = mien("prepare-affectnet", root, *words)  # it was made before
    assert done.exit_code == 0
    words = ("--out", tmp_path / "new", *words[2:])
    done = mien("prepare-affectnet", root, *words)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["skipped"] == {"missing": 1, "label": 3}
    lines = Path(json.loads(done.stdout)["report"]).read_text().splitlines()
    assert lines[:2] == ["csv,row,path,reason,detail", "training.csv,4,0/a4.jpg,missing,"]
    done = mien("prepare-affectnet", root, *words[:-1], "--quiet")
    assert (done.exit_code, done.stdout) == (1, "")


def test_one_table_another_size_and_the_later_release(mien: Mien, root: Path, tmp_path: Path) -> None:
    own = table(tmp_path / "own.csv", [Row("2/v0.png", 3)])
    words = ("--csv", own, "--set", "validation", "--side", 48, "--stretch", "--workers", 1)
    assert mien("prepare-affectnet", root, "--out", tmp_path / "out", *words).exit_code == 0
    made = tmp_path / "out" / "Validation" / "0" / "0000000s3s250s-500.jpg"
    assert Image.open(made).size == (48, 48)
    later_release(root, [("val_set", 3, "7", "0", "1")])
    done = mien("prepare-affectnet", root, "--newer", "--out", tmp_path / "newer", "--workers", 1)
    assert done.exit_code == 0
    assert (tmp_path / "newer" / "Validation" / "0" / "0000003s7s0s1000.jpg").exists()
    refused = mien("prepare-affectnet", root, "--newer", "--csv", own, "--out", tmp_path / "x")
    assert isinstance(refused.exception, MienError)


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(root: Path, tmp_path: Path) -> None:
    """The whole command with its processes, all of which the terminal sends SIGINT."""
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    images = root / "Manually_Annotated_Images"
    Image.fromarray(noise).save(images / "big.png")  # slow to read, so that there is a middle
    table(root / "training.csv", [Row("big.png", i % 8, box=(200, 100, 400, 500)) for i in range(400)])
    words = [sys.executable, "-c", "from mien.cli.app import main; main()", "data", "prepare-affectnet", str(root)]
    words += ["--set", "training", "--workers", "2", "--json", "--out", str(tmp_path / "out")]
    made = tmp_path / "out" / "Training_Labeled" / "0"
    for _ in range(3):  # a busy machine may wake us when all is done already
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        running = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(1200):
            time.sleep(0.05)
            if made.is_dir() and any(made.iterdir()):
                break
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)
        if running.returncode:
            break
    assert running.returncode == 130
    assert told.startswith("mien: interrupted; what is made stays; go on with: mien data prepare-affectnet")
    assert told.count("\n") == 1  # no traceback, not from the workers either
    before = tree(made)
    assert 0 < len(before) < 400
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout)["kept"] == len(before)
    after = tree(made)
    assert sorted({name[7:] for name in after}) == [f"s{code}s250s-500.jpg" for code in range(8)]
    assert len(after) == 400
    assert {name: after[name] for name in before} == before
