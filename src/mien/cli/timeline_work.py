"""The steps of `mien timeline`, each done where it was asked for, and the report of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from mien.runtime.series.events import Rule

PEAKS_APART = 0.09
"""Of a video's length, between two peaks that are shown."""


class Work:
    """A table on its way through the steps, and what there is to report.

    Attributes:
        table: as it is now. report: the JSON document. troubles: what the user should look at.
    """

    def __init__(self, path: Path, gap: float, *, quiet: bool) -> None:
        from mien.runtime.series.people import channels, looked_at, people
        from mien.runtime.series.read import read_table

        self.table = read_table(path)
        self.gap = gap
        self.quiet = quiet
        self.troubles: list[str] = []
        self._events: pd.DataFrame | None = None
        frames = looked_at(self.table, gap)
        self.report: dict[str, Any] = {
            "table": str(path),
            "inputs": list(dict.fromkeys(map(str, frames["input"]))),
            "rows": len(self.table),
            "frames": len(frames),
            "seconds": round(float(frames["seconds"].sum()), 6),
            "faces": sum(1 for _ in people(self.table)),
            "channels": list(channels(self.table).all),
            "gap": gap,
            "files": {},
        }

    def join(self, path: Path | None) -> None:
        from mien.runtime.series.conditions import read_conditions, with_conditions

        if path is not None:
            self.table = with_conditions(self.table, read_conditions(path), path)

    def fill(self, seconds: float | None) -> None:
        from mien.runtime.series.filling import fill

        if seconds is not None:
            self.table = fill(self.table, seconds)
            self.report["filled"] = {"seconds": seconds, "rows": int(self.table["filled"].sum())}

    def smooth(self, text: str) -> None:
        from mien.runtime.series.smoothing import Smoothing, described, smooth

        if text:
            smoothing = Smoothing.parse(text)
            self.table = smooth(self.table, smoothing, self.gap)
            self.report["smoothing"] = described(self.table, smoothing, self.gap)

    def against(self, text: str, *, by: str, how: str, of: str, least: int) -> None:
        from mien.runtime.series.baseline import Stretch, against_baseline

        if not text:
            return
        stretch = Stretch.parse(text)
        self.table, found = against_baseline(self.table, stretch, by=by, how=how, of=of, least=least)
        self.report["baseline"] = {
            "stretch": str(stretch),
            "how": how,
            "of": of,
            "people": [asdict(one) for one in found],
        }
        self.troubles += [one.refused for one in found if one.refused]

    def events(self, path: Path | None, rule: Rule, names: Sequence[str], *, relative: bool) -> None:
        from mien.labels import ACTION_UNITS, AFFECT, action_unit, emotion
        from mien.runtime.series.events import events
        from mien.runtime.series.write import records

        spelled = [name for name in names if name in (*AFFECT, *ACTION_UNITS)]
        others = [name for name in names if name not in spelled]
        spelled += [action_unit(name) if name[-1:].isdigit() else emotion(name) for name in others]
        self._events = events(self.table, rule, names=spelled, relative=relative, gap=self.gap)
        self.report["events"] = records(self._events)
        self._write("events", path, self._events)

    def summarise(self, summary: Path | None, transitions: Path | None, by: Sequence[str]) -> None:
        from mien.runtime.series import summaries
        from mien.runtime.series.write import records

        by = by or summaries.BY
        self._summary = summaries.summaries(self.table, by, self.gap)
        changes = summaries.transitions(self.table, by, self.gap)
        self.report["summary"], self.report["transitions"] = records(self._summary), records(changes)
        self._write("summary", summary, self._summary)
        self._write("transitions", transitions, changes)

    def elan(self, path: Path | None, videos: Path | None) -> None:
        from mien.errors import MienError
        from mien.runtime.series.elan import write_elan
        from mien.runtime.series.intervals import intervals

        if path is None:
            return
        inputs = self.report["inputs"]
        if len(inputs) > 1 and path.suffix:
            raise MienError(f"--elan {path}: the table has {len(inputs)} videos; name a folder for a file of each")
        spoken, written = intervals(self.table, self.gap), []
        for name in inputs:
            target = path if path.suffix else path / f"{Path(name).stem}.eaf"
            if str(target) in written:
                raise MienError(f"--elan {path}: two videos are called {Path(name).stem}; write a table of each")
            assert self._events is not None
            mine = self._events[self._events["input"] == name]
            written.append(str(write_elan(target, _video(name, videos), spoken[spoken["input"] == name], mine)))
        self.report["files"]["elan"] = written

    def plot(self, path: Path | None, kind: str, videos: Path | None) -> None:
        if path is None:
            return
        from mien.plots.timeline import plot_timeline
        from mien.runtime.series.peaks import peaks, with_faces
        from mien.runtime.video.at import frames_at

        longest = self.table.groupby("input", sort=False)["time"].agg(lambda times: times.max() - times.min()).max()
        found = peaks(self.table, apart=PEAKS_APART * float(longest), gap=self.gap)
        found = with_faces(found, self.table, lambda name, numbers: frames_at(_video(name, videos), numbers))
        plot_timeline(self.table, path, peaks=found, kind=kind, gap=self.gap)
        self.report["files"]["plot"] = str(path)
        self.report["thumbnails"] = {"peaks": len(found), "with_face": sum(one.face is not None for one in found)}

    def annotate(self, folder: Path | None, videos: Path | None) -> None:
        from mien.cli.annotating import annotate_into
        from mien.errors import MienError

        if folder is None:
            return
        written = []
        for name in self.report["inputs"]:
            try:
                mine = self.table[self.table["input"] == name].assign(input=str(_video(name, videos)))
                done = annotate_into(folder, _video(name, videos), mine, quiet=self.quiet)
            except MienError as error:
                self.troubles.append(str(error))
                continue
            written.append({"path": str(done.path), "frames": done.frames, "sound": done.sound})
        self.report["files"]["annotated"] = written

    def write(self, path: Path | None) -> None:
        self._write("table", path, self.table)

    def _write(self, what: str, path: Path | None, table: pd.DataFrame) -> None:
        from mien.runtime.series.write import write_table

        if path is not None:
            self.report["files"][what] = str(write_table(path, table))

    def tell(self, *, json_: bool, quiet: bool) -> None:
        """The document, or a short report; troubles on standard error in any case."""
        import json

        self.report["troubles"] = self.troubles
        for trouble in self.troubles:
            typer.echo(f"mien: {trouble}", err=True)
        if json_:
            typer.echo(json.dumps(self.report, indent=2, ensure_ascii=False))
        elif not quiet:
            self._show()

    def _show(self) -> None:
        from rich.console import Console

        console = Console(width=None if Console().is_terminal else 160)
        report = self.report
        console.print(
            f"{_count(len(report['inputs']), 'video')}, {_count(report['faces'], 'face')}, "
            f"{_count(report['frames'], 'frame')}, "
            f"{report['seconds']:.1f} s looked at"
        )
        if "smoothing" in report:
            said = report["smoothing"]
            ahead = f"looks {said['looks_ahead']:g} s ahead" if said["looks_ahead"] else "looks at nothing to come"
            console.print(f"smoothed by {said['method']}:{said['seconds']:g}: lag {said['lag_median']:.3f} s, {ahead}")
        if "filled" in report:
            console.print(
                f"{_count(report['filled']['rows'], 'row')} filled, pauses up to {report['filled']['seconds']:g} s"
            )
        console.print(_count(len(report["events"]), "event"))
        console.print(_summary_table(self._summary))
        for what, paths in report["files"].items():
            for path in [paths] if isinstance(paths, str) else paths:
                console.print(f"{what} -> {path['path'] if isinstance(path, dict) else path}", soft_wrap=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _video(name: str, videos: Path | None) -> Path:
    """Where a table's video lies now."""
    return Path(name) if videos is None else videos / Path(name).name


def _summary_table(summary: pd.DataFrame) -> Any:
    """Shares of time with each emotion, a row a group."""
    from rich.table import Table

    shares = [name for name in summary.columns if name.startswith("share_") and name != "share_with_face"]
    keys = list(summary.columns[: list(summary.columns).index("frames")]) if len(summary) else []
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for name in [*keys, "s", "with face", *(name.removeprefix("share_") for name in shares)]:
        shown.add_column(name, justify="left" if name in keys else "right", overflow="fold")
    for row in summary.to_dict("records"):
        cells = ["" if (value := row[key]) is None or value != value else str(value) for key in keys]
        percent = [row[name] for name in ("share_with_face", *shares)]
        cells += [f"{row['seconds']:.1f}", *("" if p != p else f"{100 * p:.0f} %" for p in percent)]
        shown.add_row(*cells)
    return shown
