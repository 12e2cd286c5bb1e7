"""ELAN's files, read back by an XML parser and by pympi."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mien.errors import MienError
from mien.runtime.series.elan import write_elan
from mien.runtime.series.events import Rule, events
from mien.runtime.series.intervals import intervals

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def eaf(track, join, tmp_path: Path) -> Path:
    times = [0, 0.1, 0.2004, 0.3, 0.4]
    affect = {"valence": [-0.9, -0.9, 0, None, 0.1], "arousal": [0] * 5}
    table = join(
        track(times, happiness=[0.1, 0.9, 0.9, None, 0.9], columns=affect),
        track(times, fear=[0.9] * 5, track=10),
        track(times, fear=[0.1] * 5, track=2),
    )  # fmt: skip
    return write_elan(
        tmp_path / "out" / "a b.eaf",
        tmp_path / "my video.mp4",
        intervals(table),
        events(table, Rule(least=0)),
        when=WHEN,
    )


def tiers(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    root = ElementTree.parse(path).getroot()
    slots = {slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")}
    return {
        tier.attrib["TIER_ID"]: [
            (slots[note.attrib["TIME_SLOT_REF1"]], slots[note.attrib["TIME_SLOT_REF2"]], note[0].text or "")
            for note in tier.iter("ALIGNABLE_ANNOTATION")
        ]
        for tier in root.iter("TIER")
    }


def test_tiers_hold_intervals_and_events_in_milliseconds(eaf: Path) -> None:
    found = tiers(eaf)
    assert list(found) == [
        "track 1 emotion", "track 1 happiness", "track 1 valence", "track 2 emotion", "track 10 emotion",
        "track 10 fear",
    ]  # fmt: skip
    assert found["track 1 emotion"] == [(0, 100, "neutral"), (100, 300, "happiness"), (400, 500, "happiness")]
    assert found["track 1 happiness"] == [(100, 400, "happiness, peak 0.90 at 0.100 s")]
    assert found["track 1 valence"] == [(0, 100, "valence (down), peak -0.90 at 0.000 s")]


def test_the_document_is_in_the_schema_s_order_with_its_media(eaf: Path, tmp_path: Path) -> None:
    root = ElementTree.parse(eaf).getroot()
    kinds = list(dict.fromkeys(child.tag for child in root))
    assert kinds == ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
    assert root.attrib["FORMAT"] == "3.0"
    assert root.attrib["DATE"] == "2026-01-02T03:04:05+00:00"
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert media.attrib["MEDIA_URL"] == (tmp_path / "my video.mp4").as_uri()
    assert media.attrib["RELATIVE_MEDIA_URL"] == "./../my video.mp4"
    assert media.attrib["MIME_TYPE"] == "video/mp4"
    names = [note.attrib["ANNOTATION_ID"] for note in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(set(names)) == len(names) == int(root.findtext("HEADER/PROPERTY") or 0)
    values = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert values == sorted(set(values))


def test_annotations_of_a_tier_never_overlap_and_last(track, tmp_path: Path) -> None:
    times = [0, 0.0002, 0.0004, 0.0006, 0.0008]  # below a millisecond
    table = track(times, happiness=[0.9, 0.1, 0.9, 0.1, 0.9])
    found = tiers(write_elan(tmp_path / "t.eaf", "v.mp4", intervals(table)))["track 1 emotion"]
    assert len(found) == 5
    assert all(start < end for start, end, _ in found)
    assert all(first[1] <= then[0] for first, then in pairwise(found))


def test_pympi_reads_it(eaf: Path) -> None:
    pympi = pytest.importorskip("pympi")
    document = pympi.Elan.Eaf(str(eaf))
    assert document.get_annotation_data_for_tier("track 1 emotion") == [
        (0, 100, "neutral"), (100, 300, "happiness"), (400, 500, "happiness"),
    ]  # fmt: skip
    assert document.get_linked_files()[0]["MIME_TYPE"] == "video/mp4"


def test_a_place_that_cannot_be_written(track, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="another --elan"):
        write_elan(tmp_path / "file" / "t.eaf", "v.mp4", intervals(track([0, 1], happiness=[0.1, 0.2])))
