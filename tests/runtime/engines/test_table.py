from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from mien.faces import Faces
from mien.runtime.engines.blocks import open_block
from mien.runtime.engines.parts import Parts
from mien.runtime.engines.table import faces_of, write_table
from mien.runtime.formats import Header, open_writer
from mien.table import rows

HEADER = Header("tiny", "ferplus", "builtin", affect=True, action_units=("AU01", "AU12"))


def results() -> list[list[Faces]]:
    """Four pieces: two faces, one that could not be read, a video of three frames, no face."""
    random = np.random.default_rng(0)

    def found(name: str, n: int, **more: object) -> Faces:
        corner = random.uniform(-5, 300, (n, 2))
        boxes = np.concatenate([corner, corner + random.uniform(20, 90, (n, 2))], axis=1)
        emotion = random.dirichlet(np.ones(8), n)
        units = {unit: random.uniform(0, 1, n) for unit in HEADER.action_units}
        valence, arousal = random.uniform(-1, 1, (2, n))
        return Faces(
            name, boxes, random.uniform(0, 1, n), emotion, action_units=units, valence=valence, arousal=arousal,
            abstain=random.uniform(0, 1, n) > 0.5, conformal=(("anger", "fear"),) * n, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    video = [found("v.mp4", 1, frame=i, time=0.04 * i, track=[7], source=("tracked",)) for i in (0, 2)]
    video.append(Faces("v.mp4", frame=4, time=0.16, error="corrupt"))
    return [[found("a.png", 2)], [Faces("b.png", error="bad")], video, [Faces("c.png")]]


def write_parts(folder: Path, kind: str) -> Parts:
    """The pieces in two parts, out of order."""
    parts = Parts(folder, kind, HEADER, {}, resume=False)
    for numbers in ((2, 0), (3, 1)):
        block = open_block(kind, HEADER)
        for number in numbers:
            block.take(number, results()[number])
        parts.add(block.answer())
        parts.commit()
    return parts


def plain(path: Path, format_: str) -> Path:
    """What one process writes."""
    writer = open_writer(format_, path, HEADER)
    for piece in results():
        for faces in piece:
            writer.write(faces)
    writer.close()
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("format_", ["csv", "parquet", "json", "fex", "openface"])
def test_the_table_is_what_one_process_writes(tmp_path: Path, kind: str, format_: str) -> None:
    if "parquet" in (kind, format_):
        pytest.importorskip("pyarrow")
    out = tmp_path / "t"
    parts = write_parts(tmp_path / "parts", kind)
    write_table(parts, out, format_)
    expected = plain(tmp_path / "plain", format_)
    if format_ == "parquet":
        import pandas as pd

        pd.testing.assert_frame_equal(pd.read_parquet(out), pd.read_parquet(expected), rtol=2e-5)
    elif format_ == "json":
        mine, other = json.loads(out.read_text()), json.loads(expected.read_text())
        assert {k: v for k, v in mine.items() if k != "rows"} == {k: v for k, v in other.items() if k != "rows"}
        for one, two in zip(mine["rows"], other["rows"], strict=True):
            assert list(one) == list(two)
            assert alike(one.values(), two.values())
    elif kind == format_:
        assert out.read_bytes() == expected.read_bytes()
    else:
        one, two = out.read_text().splitlines(), expected.read_text().splitlines()
        assert len(one) == len(two)
        for mine, other in zip(one, two, strict=True):
            assert alike(map(_value, mine.split(",")), map(_value, other.split(",")))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts", "plain", "t"]


def alike(mine: Iterable[object], others: Iterable[object]) -> bool:
    """Numbers to five digits, all else exactly."""
    return all(
        math.isclose(one, other, rel_tol=2e-5) if isinstance(one, float) and isinstance(other, float) else one == other
        for one, other in zip(mine, others, strict=True)
    )


def _value(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def test_faces_come_back_from_their_rows() -> None:
    for piece in results():
        for faces in piece:
            (back,) = faces_of(list(rows(faces)))
            for mine, other in zip(rows(back), rows(faces), strict=True):
                assert list(mine) == list(other)
                assert alike(mine.values(), other.values())
            assert back.track is not None
            assert back.track.tolist() == faces.track.tolist()  # type: ignore[union-attr]
