"""The steps of `mien timeline` one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mien.cli.timeline_work import Work
from mien.errors import MienError
from mien.runtime.series.events import Rule

HEADER = "input,frame,time,track,success,happiness,neutral,emotion,confidence,abstain"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    lines = [
        f"{name},{frame},{frame / 10},1,1,{p},{1 - p},x,0.5,0"
        for name in ("in/a.mp4", "in/b.mp4")
        for frame, p in enumerate((0.1, 0.75, 0.75, 0.75, 0.1))
    ]
    (tmp_path / "t.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return Work(tmp_path / "t.csv", 1.0, quiet=True)


def test_nothing_asked_nothing_done(work: Work) -> None:
    before = work.table.copy()
    work.fill(None)
    work.join(None)
    work.smooth("")
    work.against("", by="track", how="subtract", of="median", least=10)
    assert work.table.equals(before)
    assert work.report["files"] == {}
    assert (work.report["inputs"], work.report["faces"]) == (["in/a.mp4", "in/b.mp4"], 2)
    assert work.report["seconds"] == pytest.approx(1.0)


def test_a_file_for_elan_of_each_video(work: Work, tmp_path: Path) -> None:
    work.events(None, Rule(), [], relative=False)
    with pytest.raises(MienError, match="the table has 2 videos; name a folder"):
        work.elan(tmp_path / "t.eaf", None)
    work.elan(tmp_path / "tiers", tmp_path)
    assert sorted(path.name for path in (tmp_path / "tiers").iterdir()) == ["a.eaf", "b.eaf"]
    assert (tmp_path / "a.mp4").as_uri() in (tmp_path / "tiers" / "a.eaf").read_text()
    assert "happiness, peak 0.75" in (tmp_path / "tiers" / "b.eaf").read_text()


def test_spellings_of_events_are_mapped(work: Work) -> None:
    work.events(None, Rule(), ["Happy", "neutrality"], relative=False)
    assert {event["name"] for event in work.report["events"]} == {"happiness"}
    with pytest.raises(MienError, match="'AU06': the table has happiness, neutral"):
        work.events(None, Rule(), ["AU 6"], relative=False)


def test_the_report_is_one_document_and_troubles_go_beside_it(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    work.events(None, Rule(), [], relative=False)
    work.summarise(None, None, [])
    work.troubles.append("a.mp4: something")
    work.tell(json_=True, quiet=False)
    said = capsys.readouterr()
    assert json.loads(said.out)["troubles"] == ["a.mp4: something"]
    assert said.err == "mien: a.mp4: something\n"
    work.tell(json_=False, quiet=False)
    assert "2 videos, 2 faces, 10 frames" in capsys.readouterr().out
