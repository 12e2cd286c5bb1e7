"""ELAN's annotation files (EAF 3.0): emotions and events of each track as tiers over the video."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from mien.errors import MienError
from mien.runtime.series.people import each, whole

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = "mien"
CONSTRAINTS = (  # ELAN's own four, in its own words
    (
        "Time_Subdivision",
        "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval",
    ),
    (
        "Symbolic_Subdivision",
        "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    ),
    ("Symbolic_Association", "1-1 association with a parent annotation"),
    ("Included_In", "Time alignable annotations within the parent annotation's time interval, gaps are allowed"),
)


class Annotation(NamedTuple):
    """From `start` to `end` in milliseconds."""

    start: int
    end: int
    value: str


def write_elan(
    path: str | Path,
    media: str | Path,
    intervals: pd.DataFrame,
    events: pd.DataFrame | None = None,
    *,
    when: datetime | None = None,
) -> Path:
    """Write one video's annotations.

    A tier a track for its intervals (`track 1 emotion`), and one for each name that has events (`track 1 happiness`),
    since annotations in one tier may not overlap. Times are rounded to milliseconds, ELAN's unit; an annotation lasts
    at least one.

    Args:
        media: the video; the file need not be at hand.
        intervals, events: rows of this video as `intervals.intervals` and `events.events` give them.
        when: the file's date; now where none is given.

    Raises:
        MienError: the file cannot be written.
    """
    path = Path(path)
    tiers = _tiers(intervals, events)
    document = _document(path, Path(media), when or datetime.now(UTC))
    times = sorted({at for tier in tiers.values() for note in tier for at in (note.start, note.end)})
    slots = {at: f"ts{i}" for i, at in enumerate(times, 1)}
    order = SubElement(document, "TIME_ORDER")
    for at, name in slots.items():
        SubElement(order, "TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=str(at))
    number = 0
    for tier_name, notes in tiers.items():
        tier = SubElement(document, "TIER", LINGUISTIC_TYPE_REF=TYPE, TIER_ID=tier_name, ANNOTATOR="mien")
        for note in notes:
            number += 1
            outer = SubElement(tier, "ANNOTATION")
            inner = SubElement(
                outer, "ALIGNABLE_ANNOTATION", ANNOTATION_ID=f"a{number}",
                TIME_SLOT_REF1=slots[note.start], TIME_SLOT_REF2=slots[note.end],
            )  # fmt: skip
            SubElement(inner, "ANNOTATION_VALUE").text = note.value
    header = document.find("HEADER")
    assert header is not None
    SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(number)
    SubElement(document, "LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=TYPE, TIME_ALIGNABLE="true")
    for name, about in CONSTRAINTS:
        SubElement(document, "CONSTRAINT", DESCRIPTION=about, STEREOTYPE=name)
    indent(document, "    ")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree(document).write(path, encoding="UTF-8", xml_declaration=True)
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another --elan") from error
    return path


def _document(path: Path, media: Path, when: datetime) -> Element:
    document = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "mien", "DATE": when.isoformat(timespec="seconds"), "FORMAT": "3.0", "VERSION": "3.0",
            f"{{{XSI}}}noNamespaceSchemaLocation": SCHEMA,
        },
    )  # fmt: skip
    header = SubElement(document, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    kind = mimetypes.guess_type(media.name)[0] or "video/mp4"
    SubElement(
        header, "MEDIA_DESCRIPTOR", MEDIA_URL=media.absolute().as_uri(), MIME_TYPE=kind,
        RELATIVE_MEDIA_URL=_relative(media, path),
    )  # fmt: skip
    return document


def _relative(media: Path, path: Path) -> str:
    try:
        return "./" + Path(os.path.relpath(media.absolute(), path.absolute().parent)).as_posix()
    except ValueError:  # another drive
        return media.absolute().as_uri()


def _tiers(intervals: pd.DataFrame, events: pd.DataFrame | None) -> dict[str, list[Annotation]]:
    """Annotations by tier, in time, none reaching into the next."""
    found: dict[str, list[Annotation]] = {}
    for row in each(intervals.sort_values("start", kind="stable")):
        found.setdefault(f"{_track(row.track)} emotion", []).append(_note(row.start, row.end, row.emotion))
    for row in () if events is None else each(events.sort_values("onset", kind="stable")):
        arrow = " (down)" if row.direction == "down" else ""
        note = _note(row.onset, row.offset, f"{row.name}{arrow}, peak {row.peak:.2f} at {row.apex:.3f} s")
        found.setdefault(f"{_track(row.track)} {row.name}", []).append(note)
    return {name: _apart(found[name]) for name in sorted(found, key=_natural)}


def _apart(notes: Sequence[Annotation]) -> list[Annotation]:
    out: list[Annotation] = []
    for note in notes:
        start = max(note.start, out[-1].end) if out else note.start
        out.append(Annotation(start, max(note.end, start + 1), note.value))
    return out


def _note(start: float, end: float, value: str) -> Annotation:
    first = max(round(1000 * start), 0)
    return Annotation(first, max(round(1000 * end), first + 1), value)


def _track(track: object) -> str:
    number = whole(track)
    return "face" if number is None else f"track {number}"


def _natural(name: str) -> tuple[int, bool, str]:
    """By the track's number, its emotions first."""
    digits = name.split()[1] if name.startswith("track ") else "-1"
    return int(digits), not name.endswith(" emotion"), name
