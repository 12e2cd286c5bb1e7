from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("onnx")
pytest.importorskip("pyarrow")

from tests.runtime.generators import GAUSSIAN, tiny_generator, tiny_spec

from mien.cli.app import app
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.labels import EMOTIONS

DATA = "synthetic:n=120,seed=1,size=32"


@pytest.fixture
def generator(tmp_path: Path) -> str:
    return str(tiny_generator(tmp_path / "tiny.onnx", tiny_spec(size=32)))


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["augment", *map(str, words)])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_variants_of_training_rows_alone(tmp_path: Path, generator: str) -> None:
    out = tmp_path / "out"
    found = told(call(DATA, "--model", generator, "--out", out, "--num-augments", "2", "--json"))
    sources, made = load_dataset(DATA), load_dataset(out)
    assert found["planned"] == found["pictures"] == len(made)
    assert set(sources.split[made.made_from].tolist()) == {"Training"}
    label = sources.hard("synthetic")
    training = sources.split == "Training"
    for name, counts in found["classes"].items():
        there = int((label[training] == EMOTIONS.index(name)).sum())
        known = name in GAUSSIAN["emotions"]
        assert counts == {"before": there, "made": 2 * there * known, "after": there + 2 * there * known}
    with (out / "classes.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["emotion"] for row in rows] == list(found["classes"])
    assert any("fear: the generator does not know it" in note for note in found["notes"])
    assert found["settings"]["generator"]["name"] == "tiny"
    assert re.fullmatch("[0-9a-f]{64}", found["settings"]["generator"]["sha256"])


def test_the_chart_of_classes(tmp_path: Path, generator: str) -> None:
    pytest.importorskip("matplotlib")
    call(DATA, "--model", generator, "--out", tmp_path / "out", "--num-augments", "1", "--quiet")
    assert (tmp_path / "out" / "classes.png").read_bytes().startswith(b"\x89PNG")


def index_of(path: Path, rows: list[int]) -> Path:
    """An index of these rows of DATA, all for training."""
    path.write_text("source,row,split\n" + "".join(f'"{DATA}",{row},Training\n' for row in rows))
    return path


def test_expanding_makes_known_classes_even(tmp_path: Path, generator: str) -> None:
    label = load_dataset(DATA).hard("synthetic")
    wanted = {"happiness": 9, "sadness": 2, "surprise": 4, "neutral": 7, "fear": 5}
    rows = [r for name, n in wanted.items() for r in (label == EMOTIONS.index(name)).nonzero()[0][:n].tolist()]
    data = index_of(tmp_path / "index.csv", sorted(rows))
    found = told(call(data, "--model", generator, "--out", tmp_path / "out", "--expand", "--json"))
    assert {name: counts["before"] for name, counts in found["classes"].items()} == wanted
    after = {name: counts["after"] for name, counts in found["classes"].items()}
    assert after == dict.fromkeys(after, 9) | {"fear": 5}
    made = load_dataset(tmp_path / "out")
    assert (made.hard("synthetic") != label[made.made_from]).all()
    assert set(made.made_from.tolist()) <= set(rows)


def test_a_report_for_people_and_the_same_call_again(tmp_path: Path, generator: str) -> None:
    words = (DATA, "--model", generator, "--out", tmp_path / "out", "--num-augments", "1")
    first = call(*words)
    assert re.search(r"pictures in 1 shards, \d+ of them now at [\d,]+ faces/s", first.stdout)
    assert "largest : smallest" in first.stdout
    assert "none of them anew" in call(*words).stdout
    assert call(*words, "--quiet").stdout == ""
    again = call(*words, "--seed", "1")
    assert isinstance(again.exception, MienError)
    assert "made with seed 0, not 1" in str(again.exception)


def test_excluded_rows_get_no_variant(tmp_path: Path, generator: str) -> None:
    sources = load_dataset(DATA)
    gone = [row for row in range(120) if sources.split[row] == "Training"][:30]
    findings = tmp_path / "findings.csv"
    findings.write_text("row\n" + "".join(f"{row}\n" for row in gone))
    words = (DATA, "--model", generator, "--out", tmp_path / "out", "--num-augments", "1", "--quiet")
    call(*words, "--exclude", findings)
    made = load_dataset(tmp_path / "out")
    assert len(made)
    assert not set(made.made_from.tolist()) & set(gone)
    assert "rows" in str(call(*words).exception)  # without the list it is another plan


@pytest.mark.parametrize("split", ["Test", "Validation", "all", "test"])
def test_rows_to_choose_by_or_report_on_are_refused(split: str, tmp_path: Path, generator: str) -> None:
    result = call(DATA, "--model", generator, "--out", tmp_path / "out", "--split", split)
    assert isinstance(result.exception, MienError)
    assert "variants are made of training rows alone" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_made_pictures_are_no_sources(tmp_path: Path, generator: str) -> None:
    call(DATA, "--model", generator, "--out", tmp_path / "out", "--num-augments", "1", "--quiet")
    result = call(tmp_path / "out", "--model", generator, "--out", tmp_path / "again")
    assert "made pictures; give the real ones" in str(result.exception)


def test_a_row_that_an_index_names_twice_is_taken_once(tmp_path: Path, generator: str) -> None:
    label = load_dataset(DATA).hard("synthetic")
    known = [row for row in range(120) if EMOTIONS[label[row]] in GAUSSIAN["emotions"]][:3]
    index = index_of(tmp_path / "index.csv", [*known, known[1], known[0]])
    call(index, "--model", generator, "--out", tmp_path / "out", "--num-augments", "2", "--quiet")
    assert load_dataset(tmp_path / "out").made_from.tolist() == [row for row in known for _ in range(2)]


def test_centres_by_hand(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tiny_generator(tmp_path / "gaussian.onnx", tiny_spec(size=32, space=GAUSSIAN))
    out = tmp_path / "out"
    call(DATA, "--model", path, "--out", out, "--num-augments", "1", "--centres", "happy=0.9,-0.5", "--radius", "0.05")
    table = pq.read_table(out / "variants-00000.parquet").to_pylist()
    happy = [(row["x"], row["y"]) for row in table if row["label"] == "happiness"]
    assert happy
    assert all(0.85 <= x <= 0.95 and -0.55 <= y <= -0.45 for x, y in happy)


def test_a_judge_leaves_out_what_it_does_not_take_for_its_target(tmp_path: Path, generator: str) -> None:
    words = (DATA, "--model", generator, "--num-augments", "1", "--json", "--judge", "small", "--least", "0.3")
    found = told(call(*words, "--out", tmp_path / "out"))
    assert found["settings"]["judge"]["tries"] == 3
    assert 0 < found["pictures"] < found["planned"]
    assert found["refused"] == found["planned"] - found["pictures"]
    assert found["pictures"] == len(load_dataset(tmp_path / "out"))


def test_an_interruption_says_how_to_go_on(tmp_path: Path, generator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.runtime.variants.make import Maker

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Maker, "run", stop)
    monkeypatch.setattr("sys.argv", ["mien", "augment", "a b.csv", "--out", "o"])
    result = call(DATA, "--model", generator, "--out", tmp_path / "out")
    assert result.exit_code == 130
    assert "mien: interrupted; go on with: mien augment 'a b.csv' --out o" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--num-augments", "0"], "--num-augments 0"),
        (["--expand", "--sampling", "odd"], "choose even or study"),
        (["--radius", "3"], "--radius 3"),
        (["--centres", "emotiongan"], "this generator's is linear"),
        (["--labels", "ck"], "no ck labels"),
        (["--judge", "nowhere"], "unknown model 'nowhere'"),
        (["--judge", "small", "--least", "2"], "--least 2"),
        (["--chart", "chart.doc"], "unknown kind of figure"),
        (["--split", "fold7"], "no split 'fold7'"),
    ],
)
def test_bad_input_is_one_line(words: list[str], message: str, tmp_path: Path, generator: str) -> None:
    result = call(DATA, "--model", generator, "--out", tmp_path / "out", *words)
    assert isinstance(result.exception, MienError), result.output
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_no_chart_without_matplotlib_is_told_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call(DATA, "--model", "nowhere.onnx", "--out", tmp_path / "out", "--chart", "chart.png")
    assert "--chart needs matplotlib" in str(result.exception)
