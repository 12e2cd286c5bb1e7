"""The model zoo: recipes trained within a time each, tested once, and the tables of docs/zoo.md made from them.

usage: zoo.py RECIPE... [--minutes M] [--rows N] [--side S] [--set KEY=VALUE] [--data PATH] [--out runs/zoo] [--jobs J]

Without --minutes, --rows, --side, --weights and --set a recipe runs as it stands. Each row is kept under
OUT/RECIPE: a finished one is not trained again, a killed one goes on. Epochs are chosen on the validation split; the
test split is read once, by the best epoch, plain. A recipe that lists members is an ensemble of rows that are done
(`mien evaluate` reads it too); it comes last. What cannot be run is listed as not run, with the reason.

--jobs J starts J processes that share OUT, each on cores of its own; every row is claimed by one of them. A second
zoo.py on the same OUT does no harm either: it passes over what the first has claimed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import time
import tomllib
import traceback
from pathlib import Path
from typing import Any

import record

from mien.errors import MienError

ROWS = Path(__file__).parent / "zoo_rows.toml"
PACKAGES = ("mien", "numpy", "torch", "torchvision", "timm", "onnxruntime")


def main() -> int:
    options = arguments().parse_args()
    for setting in options.set:
        if "=" not in setting:
            raise MienError(f"--set {setting}: write KEY=VALUE, e.g. --set train.lr=3e-4")
    if options.worker is not None:
        pin(options.worker, options.jobs)
    elif options.jobs > 1:
        in_processes(options.jobs)
    from zoo_row import is_ensemble  # brings torch, which reads how many threads it may use

    ensembles = [recipe for recipe in options.recipes if is_ensemble(recipe)]
    if options.worker is not None or options.jobs == 1:
        run([recipe for recipe in options.recipes if recipe not in ensembles], options)
    if options.worker is None:
        run(ensembles, options)
    if options.worker is None and not options.no_record:
        publish(options.out)
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="+", metavar="RECIPE")
    parser.add_argument("--minutes", type=float, default=0.0, help="of training a recipe; 0: as the recipe says")
    parser.add_argument("--rows", type=int, default=0, help="training faces, stratified, the same for all; 0: all")
    parser.add_argument("--validation-rows", type=int, default=0, help="faces to choose epochs on; 0: all")
    parser.add_argument("--side", type=int, default=0, help="of the input in pixels; 0: the recipe's")
    parser.add_argument("--weights", help="none: start from random; a name or file in place of the recipe's")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override, for all recipes")
    parser.add_argument("--data", default="", help="data set, in place of the recipes' own")
    parser.add_argument("--out", type=Path, default=Path("runs") / "zoo")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side, the cores dealt out to them")
    parser.add_argument("--no-record", action="store_true", help="write no record and no tables")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return parser


def run(recipes: list[str], options: argparse.Namespace) -> None:
    """Every row that no other process has claimed or told of since this one began, in order."""
    from zoo_row import Plan, claimed, row_name, run_row, write_result

    started = time.time()

    plan = Plan(
        out=options.out, data=options.data, minutes=options.minutes, rows=options.rows,
        validation_rows=options.validation_rows, side=options.side, weights=options.weights, sets=tuple(options.set),
        device=options.device,
    )  # fmt: skip
    for recipe in recipes:
        folder = plan.out / row_name(recipe)
        told = folder / "result.json"
        with claimed(folder) as mine:
            if not mine or (told.exists() and told.stat().st_mtime > started):
                continue
            try:
                row = run_row(recipe, plan)
            except MienError:
                raise
            except Exception as error:  # out of memory, a bug in one network: the other rows go on
                traceback.print_exc()
                row = write_result(folder, recipe, f"{type(error).__name__}: {str(error).splitlines()[:1]}")
            print(line(row), flush=True)


def line(row: dict[str, Any]) -> str:
    """A row for the terminal."""
    if row["status"] != "done":
        return f"{row['recipe']}: not run: {row['reason']}"
    low, high = row["top1_ci95"]
    trained = f"{row['epochs']} epochs of {row['steps']} steps, " if row["epochs"] else ""
    return (
        f"{row['recipe']}: top-1 {row['top1']:.2f} % [{low:.1f}, {high:.1f}] of {row['n']} on {row['split']};"
        f" {trained}{row['minutes']:.1f} minutes"
    )


def pin(worker: int, jobs: int) -> None:
    """Leave this process the cores of its turn."""
    cores = sorted(os.sched_getaffinity(0))
    mine = cores[worker % len(cores) :: jobs]
    os.sched_setaffinity(0, mine)
    os.environ["OMP_NUM_THREADS"] = str(len(mine))  # before torch is imported


def in_processes(jobs: int) -> None:
    """This very command in several processes; ends when all have."""
    processes = [subprocess.Popen([sys.executable, *sys.argv, "--worker", str(k)]) for k in range(jobs)]
    try:
        failed = [process.wait() for process in processes if process.wait()]
    except KeyboardInterrupt:
        for process in processes:
            process.wait()
        raise
    if failed:
        raise MienError(f"{len(failed)} of {jobs} processes failed; what is done is kept, so start the command again")


def results(out: Path) -> list[dict[str, Any]]:
    """Every row under a folder that is done or could not be run, by name."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.rglob("result.json"))]


def publish(out: Path) -> Path:
    """Write the record of all rows under a folder, those of an earlier record of this day and commit with it."""
    import readme_tables
    from zoo_row import claimed

    rows = results(out)
    name = f"{datetime.datetime.now(datetime.UTC).date().isoformat()}-{record.commit().rstrip('+')}-zoo.json"
    with claimed(out / "record") as mine:
        if not mine:
            raise MienError(f"{out / 'record'}: another zoo.py is writing the record; start this one again")
        if (earlier := record.RESULTS / name).exists():
            rows = merged(json.loads(earlier.read_text(encoding="utf-8"))["results"]["rows"], rows)
        path = record.write("zoo", {"rows": rows}, packages=PACKAGES)
    readme_tables.fill("docs/zoo.md")
    return path


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of two records, the newer one's where both have a recipe asked alike."""

    def key(row: dict[str, Any]) -> str:
        return row["recipe"] + json.dumps(row.get("asked"), sort_keys=True)

    return list(({key(row): row for row in old} | {key(row): row for row in new}).values())


def published() -> dict[str, Any]:
    """benchmarks/zoo_rows.toml: the published tables and their rows."""
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MienError as error:
        print(f"zoo.py: {error}", file=sys.stderr)
        sys.exit(2)
