from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pq = pytest.importorskip("pyarrow.parquet")

from tests.runtime.variants.made_faces import drawn, generator, made  # noqa: E402

from mien.datasets.decode import decode  # noqa: E402
from mien.images.png import encode_png  # noqa: E402
from mien.runtime.expression_editor import ExpressionEditor  # noqa: E402
from mien.runtime.variants import make as making  # noqa: E402
from mien.runtime.variants.shards import Shards  # noqa: E402

SLOWLY = """
import sys, time
from pathlib import Path
from mien.runtime.variants.make import Maker
from tests.runtime.variants.made_faces import drawn, made
whole = Maker._make
def slow(self, part):
    time.sleep(0.02)
    return whole(self, part)
Maker._make = slow
folder, out = map(Path, sys.argv[1:])
made(folder, out, drawn(), jobs=2, progress=lambda done, total: print(done, total, flush=True))
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows_of(folder: Path) -> list[tuple[int, int]]:
    """(made_from, variant) of every picture, in order."""
    tables = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    return [pair for t in tables for pair in zip(*(t.column(c).to_pylist() for c in ("made_from", "variant")))]  # noqa: B905


def test_every_planned_picture_is_there_once_with_what_made_it(tmp_path: Path) -> None:
    faces = drawn()
    shards, plan = made(tmp_path, tmp_path / "out", faces)
    assert shards.missing() == []
    expected = list(zip(faces.row[plan.source].tolist(), plan.variant.tolist(), strict=True))
    assert rows_of(tmp_path / "out") == expected
    table = pq.read_table(shards.path(1))
    editor = ExpressionEditor(generator(tmp_path), threads=1)
    assert faces.pixels is not None
    for at in (0, 7, 15):
        code = np.float32([[table.column(axis)[at].as_py() for axis in "xy"]])
        source = faces.pixels[table.column("made_from")[at].as_py()][None, ..., None]
        again = editor.edit(source, code)[0, ..., 0]
        assert np.array_equal(decode(table.column("image")[at].as_py()["bytes"]), again)
    assert table.column("label").to_pylist() == table.column("emotion_from").to_pylist()


def test_jobs_change_no_byte(tmp_path: Path) -> None:
    made(tmp_path, tmp_path / "one", drawn(), jobs=1)
    made(tmp_path, tmp_path / "three", drawn(), jobs=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "three")


def test_a_second_call_makes_nothing_and_progress_starts_where_it_is(tmp_path: Path) -> None:
    shards, plan = made(tmp_path, tmp_path / "out", drawn())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    shards.path(1).unlink()
    told: list[tuple[int, int]] = []
    made(tmp_path, tmp_path / "out", drawn(), progress=lambda done, total: told.append((done, total)))
    assert told[0] == (len(plan) - 16, len(plan))
    assert told[-1] == (len(plan), len(plan))
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert {path for path in after if after[path] != before[path]} == {shards.path(1)}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize("after", [17, 40])  # pictures: in the second shard and in the third
def test_killed_and_run_again_it_loses_nothing_and_doubles_nothing(tmp_path: Path, after: int) -> None:
    made(tmp_path, tmp_path / "whole", drawn())
    out = tmp_path / "killed"
    words = [sys.executable, "-c", SLOWLY, str(tmp_path), str(out)]
    path = os.pathsep.join(p for p in (*sys.path, os.getcwd()) if p)  # noqa: PTH109
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    assert child.stdout is not None
    for line in child.stdout:
        if int(line.split()[0]) >= after:
            child.kill()  # SIGKILL: nothing of it runs any more
            break
    assert child.wait(timeout=60) == -signal.SIGKILL
    left = Shards(out, _settings(out), *_size(out), per_shard=16).missing()
    assert 0 not in left
    assert left
    made(tmp_path, out, drawn())
    assert contents(out) == contents(tmp_path / "whole")


def _settings(folder: Path) -> dict[str, object]:
    from mien.datasets.variants import read_facts

    return dict(read_facts(folder)["settings"])


def _size(folder: Path) -> tuple[int]:
    from mien.datasets.variants import read_facts

    return (int(read_facts(folder)["planned"]),)


def test_ctrl_c_keeps_whole_shards(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 36:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, tmp_path / "out", drawn(), progress=stop)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["variants-00000.parquet", "variants-00001.parquet", "variants.json"]
    made(tmp_path, tmp_path / "whole", drawn())
    made(tmp_path, tmp_path / "out", drawn())
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_judge_gets_three_tries_and_then_leaves_a_picture_out(tmp_path: Path) -> None:
    asked: list[int] = []

    def judge(faces: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Light pictures are taken for their target: which depends on the point that was drawn."""
        asked.append(len(faces))
        return faces.reshape(len(faces), -1).mean(axis=1) / 255

    _, plan = made(tmp_path, tmp_path / "out", drawn(), judge=judge, least=0.45)
    tables = [pq.read_table(path) for path in sorted((tmp_path / "out").glob("*.parquet"))]
    sure = np.concatenate([table.column("probability").to_numpy() for table in tables])
    assert 0 < len(sure) < len(plan)
    assert sure.min() >= 0.45
    kept = set(rows_of(tmp_path / "out"))
    planned = zip(drawn().row[plan.source].tolist(), plan.variant.tolist(), strict=True)
    assert len(kept) == len(sure)
    assert kept < set(planned)
    assert len(plan) < sum(asked) < making.TRIES * len(plan)


def test_what_is_held_does_not_grow_with_the_number_of_variants(tmp_path: Path) -> None:
    def peak(number: int) -> int:
        tracemalloc.start()
        made(tmp_path, tmp_path / str(number), faces, number=number, per_shard=64, jobs=2)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    faces = drawn(100)
    peak(1)  # what is loaded once
    few, many = peak(4), peak(16)
    picture = 32 * 32
    assert many - few < 100 * 12 * picture / 4  # of the pictures that it makes more


def test_a_bad_generator_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(ExpressionEditor, "edit", broken)
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="no memory"):
        made(tmp_path, tmp_path / "out", drawn(), jobs=2)
    assert time.monotonic() - started < 30
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["variants.json"]


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_encoded_without_loss(channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (8, 9, channels), dtype=np.uint8)
    assert np.array_equal(decode(encode_png(picture)).reshape(8, 9, channels), picture)
