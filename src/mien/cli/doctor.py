"""`mien doctor`: what is installed, what is missing for which command, and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mien.runtime.installation import Package

AGAIN = "pip install --force-reinstall mien"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="This installation")(doctor)


def doctor(
    json_: bool = typer.Option(False, "--json", help="One JSON document."),
) -> None:
    """Say what is installed, what is missing for which command, and how to get it.

    Exit code 1 where analysing pictures would not work; extras that are not installed are named, no fault.
    """
    import json

    report = examine()
    if json_:
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _show(report)
    if report["gaps"]:
        raise typer.Exit(1)


def examine() -> dict[str, Any]:
    """Everything doctor knows, as JSON holds it; `gaps` has a line for each thing that is broken."""
    from importlib.metadata import PackageNotFoundError

    import mien
    from mien.runtime import installation

    gaps: list[str] = []
    try:
        base = installation.packages()
        extras = {name: _extra(name, use) for name, use in installation.EXTRAS.items()}
    except PackageNotFoundError:
        gaps.append("mien itself is not installed, only found on the path: pip install -e .")
        base, extras = [], {}
    gaps += [f"{_lack(package)}: pip install '{package.name}{package.wanted}'" for package in base if not package.fits]
    return {
        "mien": mien.__version__,
        **installation.machine(),
        "packages": [_package(package) for package in base],
        "extras": extras,
        "onnxruntime": _onnxruntime(gaps),
        "detectors": _detectors(gaps),
        "models": _models(gaps),
        "gpu": _gpu(),
        "gaps": gaps,
    }


def _lack(package: Package) -> str:
    if package.version is None:
        return f"{package.name} is missing"
    return f"{package.name} {package.version} is not {package.wanted}"


def _package(package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "wanted": package.wanted,
        "version": package.version,
        "fits": package.fits,
    }


def _extra(name: str, use: str) -> dict[str, Any]:
    from mien.runtime.installation import packages

    missing = [_lack(package) for package in packages(name) if not package.fits]
    return {
        "for": use,
        "installed": not missing,
        "missing": missing,
        "install": f"pip install 'mien[{name}]'",
    }


def _onnxruntime(gaps: list[str]) -> dict[str, Any]:
    try:
        from mien.onnx_runtime import onnx_runtime

        onnxruntime = onnx_runtime()
        return {"version": onnxruntime.__version__, "providers": onnxruntime.get_available_providers()}
    except Exception as error:  # a broken binary raises anything
        gaps.append(f"onnxruntime does not load ({error}): pip install --force-reinstall onnxruntime")
        return {"version": None, "providers": []}


def _detectors(gaps: list[str]) -> dict[str, Any]:
    from mien import detect
    from mien.errors import MienError

    try:
        default = detect.choose("auto")
    except MienError as error:
        gaps.append(str(error))
        default = None
    found = [{"name": e.name, "about": e.about, "missing": e.missing()} for e in detect.detectors().values()]
    return {"default": default, "all": found}


def _models(gaps: list[str]) -> list[dict[str, Any]]:
    from mien.digest import digest_of
    from mien.runtime.catalog import packaged
    from mien.runtime.verify import problems

    found = []
    for name, path in packaged().items():
        wrong = problems(path)
        gaps.extend(wrong)
        found.append({"name": name, "file": str(path), "sha256": digest_of(path), "problems": wrong})
    if not found:
        gaps.append(f"no bundled model in this build; give `--model FILE.onnx`, or {AGAIN}")
    return found


def _gpu() -> dict[str, Any]:
    from mien.runtime.installation import gpus, torch_cuda

    cuda = torch_cuda()
    return {"torch_cuda": cuda, "cards": gpus() if cuda else []}


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    where = f"Python {report['python']}, {report['system']}, {report['processor']}"
    console.print(f"[bold]mien {report['mien']}[/] on {where}")
    providers = ", ".join(report["onnxruntime"]["providers"]) or "none"
    console.print(f"ONNX Runtime {report['onnxruntime']['version']}: {providers}")
    console.print(f"GPU for training: {_gpu_words(report['gpu'])}")
    console.print(_table(("detector", "", "what it is"), _detector_rows(report["detectors"])))
    console.print(_table(("bundled model", "file", "sha256"), _model_rows(report["models"])))
    console.print(_table(("extra", "state", "for", "get it with"), _extra_rows(report["extras"])))
    if report["gaps"]:
        console.print("[bold red]broken:[/]")
        for gap in report["gaps"]:
            console.print(f"  {gap}", markup=False, soft_wrap=True)
    else:
        console.print("[green]analysing pictures works here[/]")


def _gpu_words(gpu: dict[str, Any]) -> str:
    if gpu["torch_cuda"] is None:
        return "torch is not installed, analysing needs none"
    if not gpu["torch_cuda"]:
        return "torch is built without CUDA"
    return "; ".join(gpu["cards"]) or f"no card seen (torch is built for CUDA {gpu['torch_cuda']})"


def _detector_rows(detectors: dict[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for entry in detectors["all"]:
        state = "default" if entry["name"] == detectors["default"] else ""
        rows.append((entry["name"], state, entry["missing"] or entry["about"]))
    return rows


def _model_rows(models: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [(m["name"], "broken" if m["problems"] else "whole", m["sha256"][:16]) for m in models]


def _extra_rows(extras: dict[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, extra in extras.items():
        state = "installed" if extra["installed"] else f"{len(extra['missing'])} missing"
        rows.append((name, state, extra["for"], "" if extra["installed"] else extra["install"]))
    return rows


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
