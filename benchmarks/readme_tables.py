"""Write the README's results from the newest records, so that no figure is typed by hand.

usage: readme_tables.py [--check]   (with --check: exit 1 where the README differs)
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from record import latest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"(<!-- results:(\w+):begin -->\n).*?(<!-- results:\2:end -->)", re.DOTALL)


def scores() -> str:
    """The bundled models on the labels they were trained on, and on the other ones."""
    record = latest("fer2013")
    if record is None:
        return "Not measured yet: `python benchmarks/fer2013.py`.\n"
    head = (
        "| model | labels | split | n | accuracy | 95 % interval | without twins in other splits | macro-F1 | ECE |\n"
    )
    lines = [head, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"]
    for r in record["results"]:
        if r["split"] != "PrivateTest":
            continue
        low, high = r["top1_ci95"]
        alone = r["deduplicated"]
        lines.append(
            f"| `{r['model']}` | {r['labels']} | {r['split']} | {r['n']:,} | {r['top1']:.2f} %"
            f" | {low:.1f} to {high:.1f} | {alone['top1']:.2f} % (n {alone['n']:,}) | {r['macro_f1']:.1f} | {r['ece']:.1f} |\n"
        )
    return "".join(lines) + source(record)


def speed() -> str:
    """A whole picture, and the fer package beside it."""
    record = latest("against_fer")
    if record is None:
        return "Not measured yet: `python benchmarks/against_fer.py`.\n"
    lines = [
        "| on one picture, five faces, 1000 x 667 | faces found | median ms | p95 ms |\n",
        "| --- | --- | --- | --- |\n",
    ]
    for r in record["results"]["systems"]:
        lines.append(f"| {r['name']} | {r['faces']} | {r['median_ms']:.1f} | {r['p95_ms']:.1f} |\n")
    return "".join(lines) + source(record)


def source(record: dict[str, Any]) -> str:
    cpu = record["machine"].get("cpu", "")
    return (
        f"\nMeasured {record['date'][:10]} at commit {record['commit']} on {record['machine']['cores']} cores"
        f" ({cpu}); `benchmarks/{record['benchmark']}.py`.\n"
    )


def main() -> int:
    blocks = {"scores": scores, "speed": speed}
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    new = BLOCK.sub(lambda m: m[1] + blocks[m[2]]() + m[3], old)
    if "--check" in sys.argv:
        return int(new != old)
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
