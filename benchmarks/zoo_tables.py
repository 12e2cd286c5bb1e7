"""The tables of docs/zoo.md: published rows of zoo_rows.toml beside what the records of zoo.py hold."""

from __future__ import annotations

import json
import string
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from doc_tables import table
from record import RESULTS

PUBLISHED: dict[str, Any] = tomllib.loads((Path(__file__).parent / "zoo_rows.toml").read_text(encoding="utf-8"))
RECIPES = Path(__file__).parents[1] / "recipes"
TABLES: tuple[str, ...] = tuple(PUBLISHED["tables"])
COLUMNS = (
    "row", "recipe", "published", "ours, plain", "n", "95 %", "training faces", "epochs", "training time", "hardware",
)  # fmt: skip
Row = dict[str, Any]


def zoo(name: str) -> str:
    """One published table: a line a row, and one more for each further way in which a recipe was run."""
    return rendered(name, recorded())


def recorded() -> list[Row]:
    """The newest result of each recipe and each way of running it, over all records, by date."""
    found: dict[str, Row] = {}
    for path in sorted(RESULTS.glob("*-zoo.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["results"]["rows"]:
            key = row["recipe"] + json.dumps(row.get("asked"), sort_keys=True)
            if key not in found or row.get("date", "") >= found[key].get("date", ""):
                found[key] = row
    return list(found.values())


def rendered(name: str, results: Iterable[Row]) -> str:
    """The table and its remarks.

    Args:
        results: rows as zoo.py records them, of any table.
    """
    facts = PUBLISHED["tables"][name]
    by_recipe: dict[str, list[Row]] = {}
    for result in results:
        by_recipe.setdefault(result["recipe"], []).append(result)
    marks: dict[tuple[str, ...], str] = {}
    lines = []
    for row in facts["rows"]:
        mine = by_recipe.get(row["recipe"], []) if row["recipe"] else []
        done = [result for result in mine if result["status"] == "done"]
        head = [row["row"], f"`{row['recipe']}`" if row["recipe"] else "", published(row)]
        lines += [[*head, *cells(result, marks)] for result in done]
        if not done:
            why = row.get("why", "") or next((short(result["reason"]) for result in mine), "")
            if row["recipe"] and not (RECIPES / f"{row['recipe']}.toml").exists():
                why = why or "no such recipe yet"
            lines.append([*head, f"not run{': ' + why if why else ''}", *[""] * (len(COLUMNS) - 4)])
    shown = {row["recipe"] for row in facts["rows"]}
    cuts = [result for recipe in by_recipe if recipe in shown for result in by_recipe[recipe] if result.get("protocol")]
    return table(COLUMNS, lines) + remarks(facts, marks) + "".join(map(cut, cuts))


def published(row: Row) -> str:
    return f"{row['published']} ({row['source']})" if "published" in row else "none"


def cells(result: Row, marks: dict[tuple[str, ...], str]) -> list[str]:
    """What a finished row fills; `marks` gets a letter for each new set of overrides."""
    changed = overridden(result)
    mark = ""
    if changed:
        letter = marks.setdefault(changed, string.ascii_lowercase[len(marks) % 26])
        mark = f" [{letter}]"
    low, high = result["top1_ci95"]
    epochs = "" if result["epochs"] is None else f"{result['epochs']} of {result['steps']:,} steps"
    return [
        f"{result['top1']:.2f} %{mark}", f"{result['n']:,}", f"{low:.1f} to {high:.1f}",
        f"{result['training_faces']:,}", epochs, duration(result["minutes"]), result["hardware"],
    ]  # fmt: skip


def overridden(result: Row) -> tuple[str, ...]:
    """What makes a result another than the recipe's own, in words; () where nothing does."""
    asked = result.get("asked", {})
    budget = [f"{asked['minutes']:g} minutes of training"] if asked.get("minutes") else []
    fewer = [f"epochs chosen on {asked['validation_rows']:,} faces"] if asked.get("validation_rows") else []
    return (*budget, *fewer, *(f"`{line}`" for line in result.get("overrides", [])))


def duration(minutes: float) -> str:
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.1f} min"


def short(reason: str, most: int = 90) -> str:
    """A reason that fits a cell."""
    line = reason.replace("|", "/").replace("\n", " ")
    return line if len(line) <= most else line[: most - 3] + "..."


def cut(result: Row) -> str:
    """How a row's faces were cut, where a protocol of its own did it."""
    found = result["protocol"]
    folds = f", all {result['folds']} folds pooled" if result["folds"] > 1 else f", cut {found['fold']}"
    return f"\n`{result['recipe']}`: {found['name']}{folds}{'; leaks: ' + found['leak'] if found['leak'] else ''}.\n"


def remarks(facts: Row, marks: dict[tuple[str, ...], str]) -> str:
    out = (
        f"\nPublished: {facts['source']}; {facts['protocol']}. Ours: top-1 of the test split, one plain view a face.\n"
    )
    for changed, letter in marks.items():
        out += f"\n[{letter}] Not the published protocol: {', '.join(changed)}.\n"
    return out
