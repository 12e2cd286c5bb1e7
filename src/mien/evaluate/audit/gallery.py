"""The pictures of findings, side by side, as HTML that holds them."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.evaluate.audit.finding import Finding, label_name
from mien.evaluate.pixels import crops

MOST = 200
"""Findings of a kind that are shown."""
SIDE = 96
"""Pixels; larger faces are shrunk to it."""


def gallery(faces: FaceSet, findings: Sequence[Finding]) -> str:
    """Figures of at most MOST findings of one kind, the most telling first, with a note of what is not shown."""
    split = faces.split
    shown = most_telling(findings, split)[:MOST]
    rows = sorted({row for f in shown for row in (f.row, f.twin) if row >= 0})
    pictures = _encoded(faces, rows)
    single = all(f.twin < 0 for f in shown)
    figures = "\n".join(_figure(f, pictures, split) for f in shown)
    note = f'<p class="faint">{MOST} of {len(findings):,} shown.</p>' if len(findings) > MOST else ""
    return f'{note}<div class="gallery{" single" if single else ""}">\n{figures}\n</div>'


def most_telling(findings: Sequence[Finding], split: NDArray[np.str_]) -> list[Finding]:
    """Pairs across splits first, then those with two labels, then the higher score.

    Of one picture that stands many times a pair is shown before the next pair of it comes.
    """

    def telling(f: Finding) -> tuple[bool, bool, float, int]:
        return not across(f), not (f.twin >= 0 and f.label != f.twin_label), -f.score, f.row

    def across(f: Finding) -> bool:
        return bool(f.twin >= 0 and split[f.row] != split[f.twin])

    seen: Counter[int] = Counter()
    placed = []
    for f in sorted(findings, key=telling):
        rows = {f.row, f.twin} - {-1}
        placed.append((not across(f), max(seen[row] for row in rows), f))
        seen.update(rows)
    return [f for _, _, f in sorted(placed, key=lambda one: one[:2])]


def _figure(f: Finding, pictures: dict[int, str], split: NDArray[np.str_]) -> str:
    images, lines = [], []
    for row, label in ((f.row, f.label), (f.twin, f.twin_label)):
        if row < 0:
            continue
        told = html.escape(", ".join(filter(None, (str(split[row]), label_name(label)))))
        images.append(f'<img src="{pictures[row]}" alt="row {row}: {told}" loading="lazy">')
        lines.append(f"{row} {told}")
    rather = f" &rarr; {label_name(f.twin_label)}" if f.twin < 0 and f.twin_label >= 0 else ""
    source = f", {html.escape(f.source)}" if f.source else ""
    caption = "<br>".join(lines) + f'{rather}<br><span class="faint">score {f.score:.3f}{source}</span>'
    return f"<figure><div>{''.join(images)}</div><figcaption>{caption}</figcaption></figure>"


def _encoded(faces: FaceSet, rows: Sequence[int]) -> dict[int, str]:
    """Row -> its face as a data URI; PNG where it is small, else JPEG."""
    import cv2

    if not rows:
        return {}
    side, colour = SIDE, "rgb"
    if faces.pixels is not None:
        side, colour = min(max(faces.pixels.shape[1:3]), SIDE), "grey" if faces.pixels.ndim == 3 else "rgb"
    kind = "png" if side <= 64 and colour == "grey" else "jpeg"
    out, at = {}, iter(rows)
    for part in crops(faces.select(np.asarray(rows)), side, side, colour):
        for face in part:
            _, data = cv2.imencode(f".{kind}", face[..., ::-1])
            out[next(at)] = f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode('ascii')}"
    return out
