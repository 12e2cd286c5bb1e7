"""`mien export`: a run leaves the lab as one ONNX file."""

from __future__ import annotations

from pathlib import Path

import typer

from mien.ensemble.ensemble_file import SUFFIX
from mien.errors import MienError, needing
from mien.model_spec import ModelSpec


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(export)


def export(
    run: Path = typer.Argument(..., help="A run folder, .safetensors file or ensemble (.toml)."),
    out: Path | None = typer.Option(None, "--out", help="The ONNX file; NAME.onnx beside the run by default."),
    name: str = typer.Option("", "--name", help="The model's name; the run's by default."),
    head: str = typer.Option("", "--head", help="Keep this head alone; all of them by default."),
    half: bool = typer.Option(False, "--half", help="Store weights in float16; computing stays in float32."),
    int8: bool = typer.Option(False, "--int8", help="Convolutions in int8, calibrated on --calibrate."),
    calibrate: str = typer.Option("", "--calibrate", metavar="DATA", help="Training faces that --int8 looks at."),
    side: int = typer.Option(0, "--side", min=0, help="Of the crops it takes, in pixels; the recipe's by default."),
    keep: list[str] = typer.Option(
        [], "--float", metavar="NODE", help="With --int8: a name, pattern or type to spare."
    ),
    json_: bool = typer.Option(False, "--json", help="Print the ModelSpec as JSON."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="Print nothing."),
) -> None:
    """Write a run as ONNX with its ModelSpec inside, held against torch on the same crops.

    A generator's file takes faces and codes and gives faces: `mien edit --model` opens it. An ensemble becomes one
    model whose members answer side by side.
    """
    _check(int8, calibrate, keep, half)
    if run.suffix == SUFFIX:
        _ensemble(
            run,
            out,
            name=name,
            head=head,
            half=half,
            int8=int8,
            calibrate=calibrate,
            keep=keep,
            side=side,
            json_=json_,
            quiet=quiet,
        )
        return
    with needing("mien export", "train"):
        from mien.lab.export.generator import export_generator
        from mien.lab.export.int8 import export_int8
        from mien.lab.export.onnx import export_run
        from mien.lab.predict import weights_of
    from mien.runtime.expression_space import is_generator
    from mien.runtime.weights_header import spec_of

    file = weights_of(run)
    target = out or file.parent / f"{name or file.parent.name}.onnx"
    makes_faces = is_generator(spec_of(file))
    if makes_faces and (head or int8 or side):
        left = "--head" if head else "--int8" if int8 else "--side"
        raise MienError(f"{file}: a generator, of one size, which has no heads and stays in float; leave {left} out")
    if makes_faces:
        spec = export_generator(file, target, name=name, half=half)
    elif int8:
        spec = export_int8(file, target, calibrate, name=name, head=head, keep=keep, side=side)
    else:
        spec = export_run(file, target, name=name, head=head, half=half, side=side)
    _tell(target, spec, _space_of(spec) if makes_faces else _heads_of(spec), json_=json_, quiet=quiet)
    if int8 and not json_ and not quiet:
        typer.echo(_int8_report(spec))


def _ensemble(
    path: Path,
    out: Path | None,
    name: str,
    head: str,
    *,
    half: bool,
    int8: bool,
    calibrate: str,
    keep: list[str],
    side: int,
    json_: bool,
    quiet: bool,
) -> None:
    if half or keep or side:
        left = "--half" if half else "--float" if keep else "--side"
        raise MienError(f"{path}: {left} is of a single run; export the members with it first")
    with needing("mien export", "train"):
        from mien.lab.export.ensemble import export_ensemble

    target = out or path.with_suffix(".onnx")
    spec = export_ensemble(path, target, name=name, head=head, int8=int8, calibrate=calibrate)
    _tell(target, spec, f"{spec.branches} members, {_heads_of(spec)}", json_=json_, quiet=quiet)


def _tell(target: Path, spec: ModelSpec, what: str, *, json_: bool, quiet: bool) -> None:
    if json_:
        typer.echo(spec.to_json())
    elif not quiet:
        typer.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {spec.parameters or 0:,} parameters, {what}")


def _check(int8: bool, calibrate: str, keep: list[str], half: bool) -> None:
    """Tell of options that do not go together before anything is computed."""
    if int8 and not calibrate:
        raise MienError("--int8 needs --calibrate DATA: the training faces that tell the range of every layer")
    if not int8 and (calibrate or keep):
        raise MienError(f"{'--calibrate' if calibrate else '--float'} is for --int8; add it or leave this out")
    if int8 and half:
        raise MienError("--half and --int8 are two ways to store weights; choose one")


def _heads_of(spec: ModelSpec) -> str:
    return "heads " + ", ".join(f"{h.name} ({len(h.labels)} {h.trained_on})" for h in spec.heads)


def _space_of(spec: ModelSpec) -> str:
    return f"a {spec.space['kind']} space of {', '.join(spec.space['emotions'])}"


def _int8_report(spec: ModelSpec) -> str:
    """How far the file is from float32, a line a head."""
    facts = spec.training["int8"]
    faces, other = facts["calibrated_on"], facts["held_out"]
    lines = [f"int8: calibrated on {faces['n']} faces ({' '.join(filter(None, (faces['data'], faces['split'])))})"]
    for head in spec.heads:
        found = other[head.name]
        same = f", the same label for {100 * found['same']:.1f} %" if "same" in found else ""
        lines.append(
            f"  {head.name}: on {other['n']} other faces ({other['split'] or faces['data']}) at most {found['max']:.3f}"
            f" and on average {found['mean']:.4f} from float32{same}"
        )
    return "\n".join(lines)
