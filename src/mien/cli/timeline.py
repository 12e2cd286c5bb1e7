"""`mien timeline`: what a table says over time: smoothed, against a baseline, as events, summaries, tiers, a plot."""

from __future__ import annotations

from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Faces")(timeline)


def timeline(
    table: Path = typer.Argument(..., metavar="TABLE", help="What `mien analyze` wrote of videos: csv, parquet, json."),
    smooth: str = typer.Option("", "--smooth", metavar="METHOD:S", help="exp:0.5, gauss:0.5, median:0.5, savgol:0.5."),
    gap: float = typer.Option(1.0, "--gap", metavar="S", min=0, help="A longer pause of a face breaks its series."),
    fill: float | None = typer.Option(None, "--fill", metavar="S", min=0, help="Draw through pauses up to this long."),
    baseline: str = typer.Option("", "--baseline", metavar="STRETCH", help="first:5, or condition=rest."),
    baseline_by: str = typer.Option("track", "--baseline-by", metavar="COLUMN", help="Whose: track, or a column."),
    baseline_how: str = typer.Option("subtract", "--baseline-how", help="subtract or log-ratio."),
    baseline_of: str = typer.Option("median", "--baseline-of", help="median or mean."),
    baseline_rows: int = typer.Option(10, "--baseline-rows", min=1, help="Rows that a baseline needs."),
    conditions: Path | None = typer.Option(
        None, "--conditions", metavar="CSV", help="input,start,end,condition to join, in seconds."
    ),
    events: Path | None = typer.Option(None, "--events", metavar="CSV", help="Write onset, apex and offset here."),
    event: list[str] = typer.Option([], "--event", metavar="NAME", help="Of this alone: happiness, AU12, valence."),
    on: float | None = typer.Option(None, "--on", help="An event reaches this: 0.5, with --relative 0.2."),
    off: float | None = typer.Option(None, "--off", help="And lasts while at this: 0.35, with --relative 0.1."),
    least: float = typer.Option(0.2, "--least", metavar="S", min=0, help="And no shorter than this."),
    relative: bool = typer.Option(False, "--relative", help="Events of the change from --baseline."),
    summary: Path | None = typer.Option(None, "--summary", metavar="CSV", help="Write means and shares of time here."),
    transitions: Path | None = typer.Option(None, "--transitions", metavar="CSV", help="Write what followed what."),
    by: list[str] = typer.Option([], "--by", metavar="COLUMN", help="Of both: input, track, condition, ..."),
    elan: Path | None = typer.Option(None, "--elan", metavar="EAF", help="Tiers for ELAN; of several videos a folder."),
    plot: Path | None = typer.Option(None, "--plot", metavar="PNG", help="Draw emotions over time; .png, .pdf, .svg."),
    plot_kind: str = typer.Option("area", "--plot-kind", help="area or lines."),
    videos: Path | None = typer.Option(None, "--videos", metavar="DIR", help="Where the table's videos lie now."),
    annotate: Path | None = typer.Option(None, "--annotate", metavar="DIR", help="Write drawn copies of the videos."),
    out: Path | None = typer.Option(None, "--out", "-o", metavar="TABLE", help="Write the worked table here."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Work on a table over time: nothing is analysed anew. docs/timeline.md says what the numbers do not mean.

    Exit code 1 where a face has too few rows for its baseline, or a video to draw on is not at hand.
    """
    from mien.cli.timeline_work import Work
    from mien.runtime.series.events import Rule

    rule = Rule(_or(on, 0.2 if relative else 0.5), _or(off, 0.1 if relative else 0.35), least)
    work = Work(table, gap, quiet=quiet or json_)
    work.fill(fill)
    work.join(conditions)
    work.smooth(smooth)
    work.against(baseline, by=baseline_by, how=baseline_how, of=baseline_of, least=baseline_rows)
    work.events(events, rule, event, relative=relative)
    work.summarise(summary, transitions, by)
    work.elan(elan, videos)
    work.plot(plot, plot_kind, videos)
    work.annotate(annotate, videos)
    work.write(out)
    work.tell(json_=json_, quiet=quiet)
    if work.troubles:
        raise typer.Exit(1)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
