"""Emotions over time, a panel a face, with the faces themselves at the peaks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.plots.figure import FAINT, INK, drawn
from mien.runtime.palette import COLOURS
from mien.runtime.series.intervals import ABSTAINED, intervals
from mien.runtime.series.peaks import Peak
from mien.runtime.series.people import GAP, Person, channels, each, looked_at, people, whole

if TYPE_CHECKING:
    import pandas as pd

PANELS = 12
"""Faces drawn at most, those seen longest."""
KINDS = ("area", "lines")
WIDTH, PANEL, STRIP, NAMES = 10.0, 1.55, 0.85, 0.35  # inches
SLOT = 0.095
"""Of a panel's width, between two thumbnails."""
HATCH = "#6b727b"


def plot_timeline(
    table: pd.DataFrame,
    path: str | Path,
    *,
    peaks: Sequence[Peak] = (),
    kind: str = "area",
    gap: float = GAP,
    title: str = "",
) -> int:
    """Draw each face's probabilities over time: areas on one another, or a line each.

    White where the face was not seen, hatched where the model declined to name an emotion. Colours are told apart by
    name too: the legend stands in the order of the areas, and each peak is named.

    Args:
        table: the table, smoothed or not.
        path: ends in png, pdf or svg.
        peaks: what is named over the panels, with the face where it has one.
        kind: one of KINDS.
        gap: seconds after which a series breaks.

    Returns:
        How many faces there were, of which at most PANELS are drawn.

    Raises:
        MienError: no face with emotions, no times, a suffix that is not known, or a path that cannot be written.
        MissingExtraError: no matplotlib.
    """
    if kind not in KINDS:
        raise MienError(f"a timeline of {kind!r}: one of {', '.join(KINDS)}")
    table = table.reset_index(drop=True)
    names = channels(table).emotions
    frames = looked_at(table, gap)
    everybody = [
        (person, rows) for person, rows in people(table) if table.loc[rows, list(names)].notna().any(axis=None)
    ]
    if not names or not everybody:
        raise MienError(f"{path}: no face with emotions to draw; give the table of a video with faces")
    shown = sorted(sorted(everybody, key=lambda one: -len(one[1]))[:PANELS], key=lambda one: everybody.index(one))
    marked = {person: [peak for peak in peaks if peak.person == person] for person, _ in shown}
    heights = [height for person, _ in shown for height in (_room(marked[person]), PANEL)]
    spoken = intervals(table, gap)
    spoken = spoken[spoken["emotion"] == ABSTAINED]
    with drawn(path, WIDTH, sum(heights) + 0.6 + (0.35 if title else 0)) as figure:
        axes = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        layout: Any = figure.get_layout_engine()
        layout.set(hspace=0, h_pad=0.02)
        for i, (person, rows) in enumerate(shown):
            strip, panel = axes[2 * i], axes[2 * i + 1]
            mine = frames[frames["input"] == person.input]
            span = (float(mine["time"].iloc[0]), float(mine["time"].iloc[-1] + mine["seconds"].iloc[-1]))
            span = span if span[1] > span[0] else (span[0] - 0.5, span[1] + 0.5)
            _panel(panel, table, rows, names, mine, kind)
            _hatch(panel, spoken[[_of(person, row) for row in each(spoken)]])
            _dress(panel, person, span, last=i == len(shown) - 1)
            _strip(strip, panel, marked[person], span)
        _legend(figure, names, abstained=bool(len(spoken)))
        if title:
            figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold")
    return len(everybody)


def _room(peaks: Sequence[Peak]) -> float:
    """Inches over a panel for its peaks."""
    if not peaks:
        return 0.05
    return NAMES if all(peak.face is None for peak in peaks) else STRIP


def _of(person: Person, row: Any) -> bool:
    return person == Person(str(row.input), whole(row.track))


def _colour(name: str) -> tuple[float, float, float]:
    red, green, blue = COLOURS[name]
    return red / 255, green / 255, blue / 255


def _panel(
    axes: Any, table: pd.DataFrame, rows: NDArray[np.int64], names: tuple[str, ...], frames: pd.DataFrame, kind: str
) -> None:
    values = table[list(names)].to_numpy(np.float64)[rows]
    use = np.isfinite(values).all(axis=1)
    times, values = table["time"].to_numpy(np.float64)[rows[use]], values[use]
    looked, standing = frames["time"].to_numpy(np.float64), frames["seconds"].to_numpy(np.float64)
    at = np.searchsorted(looked, times)
    ends = times + standing[at]
    # unbroken where the very next frame that was looked at has this face too
    breaks = np.flatnonzero((np.diff(at) > 1) | (times[1:] - ends[:-1] > 1e-9)) + 1
    for part in np.split(np.arange(len(times)), breaks):
        if not len(part):
            continue
        x = np.append(times[part], ends[part[-1]])
        y = np.vstack([values[part], values[part[-1]]]).T
        if kind == "area":  # without edges, which would widen a gap of one frame
            axes.stackplot(x, y, colors=[_colour(name) for name in names], linewidth=0)
        else:
            for name, line in zip(names, y, strict=True):
                axes.plot(x, line, color=_colour(name), linewidth=1.4)


def _hatch(axes: Any, abstained: pd.DataFrame) -> None:
    for row in each(abstained):
        axes.axvspan(
            row.start, row.end, facecolor=(1, 1, 1, 0.45), edgecolor=HATCH, hatch="////", linewidth=0, zorder=3
        )


def _dress(axes: Any, person: Person, span: tuple[float, float], *, last: bool) -> None:
    axes.set_xlim(*span)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    name = Path(person.input).name
    axes.set_ylabel(name if person.track is None else f"{name}\ntrack {person.track}", fontsize=8)
    if last:
        axes.set_xlabel("seconds")


def _strip(strip: Any, panel: Any, peaks: Sequence[Peak], span: tuple[float, float]) -> None:
    """Thumbnails over a panel, moved apart where they would cover one another, each tied to its time."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    strip.set_xlim(*span)
    strip.set_ylim(0, 1)
    foot = 0.12 * STRIP / _room(peaks)
    strip.axis("off")
    for peak, x in zip(peaks, _apart([peak.time for peak in peaks], span), strict=True):
        colour = _colour(peak.name)
        panel.axvline(peak.time, color=INK, linewidth=0.6, linestyle=(0, (2, 2)), zorder=4)
        strip.plot([x, peak.time], [foot, -0.02], color=INK, linewidth=0.6, clip_on=False)
        low = foot
        if peak.face is not None:
            picture = OffsetImage(peak.face, zoom=0.36)
            strip.add_artist(
                AnnotationBbox(
                    picture, (x, foot), frameon=True, box_alignment=(0.5, 0), pad=0.12,
                    bboxprops={"edgecolor": colour, "linewidth": 1.6},
                )
            )  # fmt: skip
            low = 0.79
        strip.text(x, low + 0.03, f"{peak.name} {100 * peak.value:.0f} %", ha="center", va="bottom", fontsize=6.5)


def _apart(times: Sequence[float], span: tuple[float, float]) -> list[float]:
    """Places for thumbnails at ascending times, at least a slot from one another and inside the panel."""
    slot = SLOT * (span[1] - span[0])
    at = list(times)
    for i in range(len(at)):
        at[i] = max(at[i], (at[i - 1] + slot) if i else span[0] + slot / 2)
    for i in reversed(range(len(at))):
        at[i] = min(at[i], (at[i + 1] - slot) if i + 1 < len(at) else span[1] - slot / 2)
    return at


def _legend(figure: Any, names: tuple[str, ...], *, abstained: bool) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=_colour(name), label=name) for name in reversed(names)]  # as the areas lie
    if abstained:
        patches.append(Patch(facecolor="white", edgecolor=HATCH, hatch="////", linewidth=0, label="declined to name"))
    patches.append(Patch(facecolor="white", edgecolor=FAINT, label="face not seen"))
    figure.legend(handles=patches, loc="outside right upper", fontsize=8)
