"""A study's results: study.json, trials.csv, best.toml, and its figures, all read from the storage."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.lab.train.recipe import Recipe, Tune
from mien.lab.train.recipe_file import read_recipe, to_toml
from mien.lab.tune.leave_one_out import leave_one_out
from mien.lab.tune.slots import ATTEMPT, FOLDER, RUN, standing
from mien.lab.tune.space import Space
from mien.lab.tune.study import RECIPE, shown
from mien.whole_file import write_whole

if TYPE_CHECKING:
    from optuna import Study

FEWEST = 4
"""Completed trials below which nothing is said about what mattered."""
Row = dict[str, Any]


def write_results(study: Study, out: Path, *, storage: str) -> dict[str, Any]:
    """Write every file a study has by now; returns what study.json holds, and `rows` as in trials.csv."""
    base_file = out / "recipe.toml"
    if not base_file.exists():  # replotted into a new folder
        write_whole(base_file, study.user_attrs[RECIPE])
    base = read_recipe(base_file)
    space = Space.of(base.tune.space, str(base_file))
    rows = trial_rows(study, out)
    best = best_row(rows, base.tune.direction)
    importance, why_not = importances(study)
    report: dict[str, Any] = {
        "study": study.study_name,
        "storage": shown(storage),
        "sampler": base.tune.sampler,
        "pruner": base.tune.pruner,
        "metric": base.tune.metric,
        "direction": base.tune.direction,
        "planned": len(rows),
        **{state: sum(r["state"] == state for r in rows) for state in ("complete", "pruned", "failed")},
        "left": sum(r["state"] in ("waiting", "running") for r in rows),
        "retried": sum(r["attempt"] > 0 for r in rows),
        "seconds": round(sum(r.get("seconds") or 0 for r in rows), 1),
        "best": best and {k: best[k] for k in ("trial", "value", "best_epoch", "params", "folder")},
        "importance": importance,
    }
    if best:
        recipe = replace(read_recipe(base_file, space.overrides(best["params"])), name=f"{base.name}-best")
        write_whole(out / "best.toml", _best_text(recipe, best, study.study_name, base.tune))
        report["recipe"] = str(out / "best.toml")
    table = leave_one_out(rows, space)
    if table:
        report["leave_one_out"] = table
        _write_csv(out / "leave_one_out.csv", table)
    write_whole(out / "study.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    _write_csv(out / "trials.csv", [_flat(row) for row in rows])
    _draw(rows, report, base.tune, out)
    return report | {"rows": rows, "importance_left_out": why_not}


def trial_rows(study: Study, out: Path) -> list[Row]:
    """One row a trial of the plan, in its order: state, value, epochs, seconds, params, recalls, folder, error."""
    names = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}
    rows = []
    for slot, trial in standing(study.get_trials(deepcopy=False)).items():
        kept = trial.user_attrs
        rows.append({
            "trial": slot, "state": names[trial.state.name],
            "value": trial.value if trial.state.name == "COMPLETE" else kept.get("best_value"),
            "best_epoch": kept.get("best_epoch"), "epochs": kept.get("epochs"), "seconds": kept.get("seconds"),
            "attempt": kept.get(ATTEMPT, 0), "params": trial.params or trial.system_attrs.get("fixed_params", {}),
            "recalls": kept.get("recalls", {}), "folder": _run_folder(kept, out),
            "error": kept.get("error", ""),
        })  # fmt: skip
    return rows


def _run_folder(kept: dict[str, Any], out: Path) -> str:
    """Relative to `out` where it is in there; another worker's may be elsewhere, on another machine even."""
    inside = Path("trials") / kept.get(FOLDER, "")
    run = kept.get(RUN)
    return str(run) if run and Path(run) != (out / inside).resolve() else inside.as_posix()


def best_row(rows: list[Row], direction: str) -> Row | None:
    """The best of the completed trials, the earliest of several; a pruned one never is."""
    done = [row for row in rows if row["state"] == "complete"]
    if not done:
        return None
    return (max if direction == "maximize" else min)(done, key=lambda row: float(row["value"]))


def importances(study: Study) -> tuple[dict[str, float], str]:
    """Each key's share of the variance among completed trials, by fANOVA (Hutter et al. 2014); else why not."""
    import optuna

    done = [t for t in standing(study.get_trials(deepcopy=False)).values() if t.state.name == "COMPLETE"]
    if len(done) < FEWEST:
        return {}, f"{len(done)} completed trials; importances need {FEWEST}"
    try:
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
    except (RuntimeError, ValueError) as error:
        return {}, str(error).splitlines()[0]
    return {key: float(value) for key, value in found.items()}, "" if found else "no key took two values"


def _best_text(recipe: Recipe, best: Row, study: str, tune: Tune) -> str:
    drawn = (
        f" The search drew {tune.train_rows or 'all'} rows to learn from and {tune.validation_rows or 'all'} to choose"
        " on; here are all.\n#"
        if tune.train_rows or tune.validation_rows
        else ""
    )
    head = (
        f"# Trial {best['trial']} of study {study}: {tune.metric} {best['value']:.5g} at epoch {best['best_epoch']}.\n"
        f"#{drawn} Found: {', '.join(f'{k} = {v}' for k, v in best['params'].items())}.\n"
    )
    # the search is over: its section would only say so again
    return head + re.sub(r"\n\[tune\]\n(?:.+\n)+", "", to_toml(replace(recipe, tune=Tune())))


def _flat(row: Row) -> Row:
    flat: Row = {key: value for key, value in row.items() if key not in ("params", "recalls", "folder", "error")}
    return {**flat, **row["params"], **row["recalls"], "folder": row["folder"], "error": row["error"]}


def _write_csv(path: Path, rows: list[Row]) -> None:
    buffer = io.StringIO()
    columns = dict.fromkeys(key for row in rows for key in row)
    writer = csv.DictWriter(buffer, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, buffer.getvalue())


def _draw(rows: list[Row], report: dict[str, Any], tune: Tune, out: Path) -> None:
    from mien.plots.leave_one_out import plot_leave_one_out
    from mien.plots.page import write_page
    from mien.plots.search import plot_history, plot_importance, plot_slices

    shown_rows = [row for row in rows if row["value"] is not None]
    if not shown_rows:
        return
    table = [_flat(row) for row in rows if row["state"] not in ("waiting", "running")]

    def history(path: Path) -> None:
        plot_history(shown_rows, path, metric=tune.metric, direction=tune.direction)

    def importance(path: Path) -> None:
        plot_importance(report["importance"], path, metric=tune.metric)

    history(out / "history.png")
    write_page(out / "history.html", f"{report['study']}: {tune.metric} by trial", history, table)
    if report["importance"]:
        shares = [{"key": key, "share": share} for key, share in report["importance"].items()]
        importance(out / "importance.png")
        write_page(out / "importance.html", f"{report['study']}: what {tune.metric} depended on", importance, shares)
    plot_slices(shown_rows, out / "slices.png", metric=tune.metric)
    if report.get("leave_one_out"):
        plot_leave_one_out(report["leave_one_out"], out / "leave_one_out.png")
