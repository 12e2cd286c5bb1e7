"""From an index to faces: rows, splits, folds, votes, and what changed beneath it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.datasets.index import index_of, write_index
from mien.datasets.load import load_dataset, load_indexed
from mien.errors import MienError

SOURCE = "synthetic:n=24,seed=3,identities=12,size=16"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Rows 20..5, 5 twice, in two splits and three folds."""
    _, whole = load_indexed(SOURCE)
    rows = np.array([20, 5, 5, 7, 11, 2])
    chosen = whole.select(rows).replace(
        split=np.array(["mine"] * 4 + ["Test"] * 2),
        fold=np.array([0, 1, 1, 2, -1, -1]),
        weight=np.float32([1, 2, 2, np.nan, 1, 1]),
    )
    write_index(tmp_path / "index.csv", chosen)
    return tmp_path / "index.csv"


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def test_rows_weights_and_where_they_came_from(index: Path) -> None:
    source, faces = load_dataset(SOURCE), load_dataset(index)
    rows = [20, 5, 5, 7, 11, 2]
    assert (faces.pixels == source.pixels[rows]).all()  # type: ignore[index]
    assert faces.row.tolist() == rows
    assert set(faces.file.tolist()) == {"synthetic"}
    assert faces.weight.tolist() == [1, 2, 2, 1, 1, 1]
    assert (faces.hard("ferplus") == source.hard("ferplus")[rows]).all()
    assert faces.name == "synthetic"


def test_folds_are_splits_of_their_own_or_two_sides(index: Path) -> None:
    assert load_dataset(index).split.tolist() == ["fold0", "fold1", "fold1", "fold2", "Test", "Test"]
    faces = load_dataset(f"{index}:fold=1")
    assert faces.split.tolist() == ["Training", "Validation", "Validation", "Training", "Test", "Test"]
    with pytest.raises(MienError, match="no fold 7: it has 0, 1, 2"):
        load_dataset(f"{index}:fold=7")
    edit(index, "Test", "Validation")
    with pytest.raises(MienError, match="line 6: split Validation beside folds"):
        load_dataset(f"{index}:fold=1")


def test_the_content_is_that_of_rows_splits_and_sources(index: Path, tmp_path: Path) -> None:
    first = load_dataset(index).content
    assert load_dataset(index).content == first
    assert load_dataset(f"{index}:fold=0").content != first
    edit(index, "Test", "Held")
    assert load_dataset(index).content != first


def test_several_sources_in_the_order_of_the_index(tmp_path: Path) -> None:
    text = "source,row,split\n"
    lines = [("1", 4), ("2", 0), ("1", 0)]
    text += "".join(f'"synthetic:n=9,seed={seed},identities=9,size=16",{row},Training\n' for seed, row in lines)
    (tmp_path / "i.csv").write_text(text)
    faces = load_dataset(tmp_path / "i.csv")
    for at, (seed, row) in enumerate(lines):
        whole = load_dataset(f"synthetic:n=9,seed={seed},identities=9,size=16")
        assert (faces.pixels[at] == whole.pixels[row]).all()  # type: ignore[index]


def test_an_index_of_an_index_names_the_first_sources(index: Path) -> None:
    _, rows = load_indexed(index)
    assert set(rows.source.tolist()) == {SOURCE}
    assert rows.row.tolist() == [20, 5, 5, 7, 11, 2]
    assert rows.fold.tolist() == [0, 1, 1, 2, -1, -1]
    _, sides = load_indexed(f"{index}:fold=0")
    assert sides.fold.max() == -1
    assert sides.split[0] == "Validation"


def test_a_row_that_is_not_there(index: Path) -> None:
    edit(index, f'"{SOURCE}",7,', f'"{SOURCE}",24,')
    with pytest.raises(MienError, match=r"line 5: row 24 of synthetic.*, which has rows 0\.\.23"):
        load_dataset(index)


def test_a_source_that_changed_or_went(mini: Any, tmp_path: Path, lines: list[str]) -> None:
    data = tmp_path / "faces.csv"
    data.write_text("\n".join(lines))
    _, whole = load_indexed(data)
    write_index(tmp_path / "i.csv", whole)
    assert len(load_dataset(tmp_path / "i.csv")) == 9
    data.write_text("\n".join([*lines, lines[1]]))
    with pytest.raises(MienError, match=r"i.csv: line 2: .*faces.csv has changed since the index was made"):
        load_dataset(tmp_path / "i.csv")
    data.unlink()
    with pytest.raises(MienError, match=r"line 2: no such file or folder .*faces.csv: bring it back"):
        load_dataset(tmp_path / "i.csv")


def test_votes_are_joined_to_the_source(mini: Any, tmp_path: Path, lines: list[str], pixels: NDArray[np.uint8]) -> None:
    (tmp_path / "faces.csv").write_text("\n".join(lines))
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = tmp_path / "votes.csv"
    table = [
        header,
        *(f"{usage},fer{i:07d}.png,0,{10 - i % 3},0,0,{i % 3},0,0,0,0,0" for i, usage in enumerate(mini.usages)),
    ]
    votes.write_text("\n".join(table))
    faces, whole = load_indexed(tmp_path / "faces.csv", ferplus=votes)
    write_index(tmp_path / "i.csv", whole.select(np.array([8, 2])))
    again = load_dataset(tmp_path / "i.csv", labels="ferplus")
    assert (again.votes == faces.votes[[8, 2]]).all()  # type: ignore[index]
    (tmp_path / "plain.csv").write_text("source,row,split\nfaces.csv,8,Training\n")
    assert load_dataset(tmp_path / "plain.csv", ferplus=votes).votes is not None
    votes.write_text("\n".join([*table[:-1], table[-1].replace("10", "9").replace("8", "7")]))
    with pytest.raises(MienError, match=r"votes.csv has changed"):
        load_dataset(tmp_path / "i.csv")


def test_a_set_that_is_no_index_has_no_folds(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "faces.csv").write_text("\n".join(lines))
    with pytest.raises(MienError, match=r"faces.csv: no index file, so that it has no fold 1"):
        load_dataset(f"{tmp_path / 'faces.csv'}:fold=1")


def test_an_index_by_hand_needs_no_content(tmp_path: Path) -> None:
    write_index(tmp_path / "i.csv", index_of(SOURCE, 24, np.full(24, "Training")))
    assert len(load_dataset(tmp_path / "i.csv").in_split("Training")) == 24
