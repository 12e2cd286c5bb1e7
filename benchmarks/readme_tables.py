"""Write every figure of the README and the model cards from the newest records: none is typed by hand.

usage: readme_tables.py [--check]   (with --check: exit 1 where a file differs)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import calibration_tables as calibration
import ensembles_tables
import ganmut_tables
import heads_tables
import peers_tables
import report_tables
import runtime_tables
import seeds_tables
from balance_tables import balance
from byol_tables import drawn, labels
from doc_tables import missing, source, table
from esr_speed_tables import speed as esr_speed
from fer2013 import LARGE, SMALLER, TRAINED_ON
from record import latest
from tta_tables import averaging
from zoo_tables import TABLES, zoo

from mien.model_spec import ModelSpec
from mien.runtime.catalog import find
from mien.runtime.session import OnnxModel

ROOT = Path(__file__).parents[1]
LEARNT = TRAINED_ON | LARGE | SMALLER


def results() -> str:
    """README: the bundled models on the labels they learnt."""
    return scores(list(TRAINED_ON))


def large() -> str:
    """docs/ensembles.md: what is too large for the wheel."""
    return scores(list(LARGE), "large")


def smaller() -> str:
    """Model card of nano-fer2013: what is smaller yet."""
    return scores(list(SMALLER), "smaller")


def scores(models: list[str], benchmark: str = "fer2013") -> str:
    record = latest(benchmark)
    if record is None:
        return missing("fer2013.py")
    columns = ("model", "labels", "split", "n", "accuracy", "without twins in other splits", "macro-F1", "ECE")
    rows = []
    for r in record["results"]:
        if r["split"] != "PrivateTest" or r["model"] not in models or r["labels"] != LEARNT[r["model"]]:
            continue
        low, high = r["top1_ci95"]
        alone = r["deduplicated"]
        rows.append((
            f"`{r['model']}`", r["labels"], r["split"], f"{r['n']:,}", f"{r['top1']:.2f} % [{low:.1f}, {high:.1f}]",
            f"{alone['top1']:.2f} % (n {alone['n']:,})", f"{r['macro_f1']:.1f} %", f"{r['ece']:.1f} %",
        ))  # fmt: skip
    return table(columns, rows) + source(record | {"benchmark": "fer2013"})


def training(model: str) -> str:
    """Model card: what the ModelSpec inside the file says of its training."""
    spec: ModelSpec = OnnxModel(find(model)).spec
    facts = spec.training
    chosen = spec.scores["validation"]
    measured = ", ".join(f"{v:.2f} %" for k, v in chosen.items() if k.startswith("val_top1_"))
    return (
        f"- **Parameters**: {spec.parameters:,} (with both heads). **Epoch**: {chosen['epoch']}, {measured} on"
        f" {chosen['split']}. **Seed**: {facts['seed']}. **Precision**: {facts['precision']}. **Commit**:"
        f" {facts['commit']}, torch {facts['versions']['torch']}.\n"
    )


def card(model: str) -> dict[str, Callable[[], str]]:
    return {
        "scores": lambda: scores([model]),
        "training": lambda: training(model),
        "calibration": lambda: calibration.card(model),
    }


FILES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"results": results, "peers": peers_tables.nets, "packages": peers_tables.packages},
    "docs/balance.md": {"fer2013": lambda: balance("fer2013"), "synthetic": lambda: balance("synthetic")},
    "docs/byol.md": {"labels": labels, "drawn": drawn},
    "docs/calibration.md": {
        "compared": calibration.compared,
        "scores": calibration.scores,
        "sets": calibration.sets,
        "priors": calibration.priors,
    },
    "docs/comparison.md": {"paired": ensembles_tables.paired},
    "docs/ensembles.md": {"combined": ensembles_tables.combined, "large": large},
    "docs/evaluation.md": {"tta": averaging},
    "docs/ganmut.md": {
        "synthetic": ganmut_tables.synthetic,
        "fer2013": ganmut_tables.fer2013,
        "speed": ganmut_tables.speed,
    },
    "docs/heads.md": {"heads": heads_tables.heads, "rare-units": heads_tables.rare_units},
    "docs/engines.md": {"engines": runtime_tables.engines},
    "docs/esr.md": {"ferplus": heads_tables.esr_ferplus},
    "docs/ganmut-study.md": {"study": ganmut_tables.study, "control": ganmut_tables.control},
    "docs/models/ganmut-fer2013.md": {"fer2013": ganmut_tables.fer2013},
    "docs/models/small.md": card("small"),
    "docs/models/small-fer2013.md": card("small-fer2013") | {"seeds": partial(seeds_tables.card, "small-fer2013")},
    "docs/models/nano.md": card("nano") | {"seeds": partial(seeds_tables.card, "nano")},
    "docs/models/nano-fer2013.md": card("nano-fer2013")
    | {"seeds": partial(seeds_tables.card, "nano-fer2013"), "smaller": smaller},
    "docs/report.md": {"seconds": report_tables.seconds},
    "docs/robustness.md": {"robustness": report_tables.robustness},
    "docs/serve.md": {"page": runtime_tables.page, "load": runtime_tables.serve},
    "docs/speed.md": {"esr": esr_speed, "processors": peers_tables.processors},
    "docs/video.md": {"video": runtime_tables.video},
    "docs/zoo.md": {name: partial(zoo, name) for name in TABLES},
}


def fill(name: str, *, check: bool = False) -> bool:
    """Write a page's tables anew, or with `check` nothing; whether they differ from what stood there."""
    path = ROOT / name
    old = new = path.read_text(encoding="utf-8")
    for block, text in FILES[name].items():
        marks = re.compile(rf"(<!-- {block}:begin -->\n).*?(<!-- {block}:end -->)", re.DOTALL)
        new = marks.sub(lambda m, text=text: m[1] + text() + m[2], new)
    if not check:
        path.write_text(new, encoding="utf-8")
    return new != old


def main() -> int:
    check = "--check" in sys.argv
    differs = [name for name in FILES if fill(name, check=check)]
    if not check:
        peers_tables.plot()
    return int(check and bool(differs))


if __name__ == "__main__":
    sys.exit(main())
