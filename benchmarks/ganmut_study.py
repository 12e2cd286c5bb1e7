"""The study of GAN-made faces on FER2013 again, with a net of 0.3 million parameters: does any of it help?

    python benchmarks/ganmut_study.py --generator runs/ganmut-fer2013 [--seeds 3] [--variants 4] [--at-once 2]

Arms with equal steps on labels (`recipes/study/small-*.toml`): `baseline`; `augmented`, a face replaced by one of its
own variants with probability 0.8; `expanded`, faces turned into the rarer emotions beside the real ones; `byol`,
fine-tuned after BYOL between faces and their variants, whose steps come on top (one pre-training for all
seeds, so that their spread is too small). Combinations of baseline, augmented and
expanded by the largest logit, the mean and votes, a seed at a time; and, so that a gain is not taken for the pictures'
that is an ensemble's, of the three seeds of the baseline.

The last epoch counts: nothing is chosen. PublicTest and PrivateTest are both scored, PrivateTest is what is reported.
Differences from the baseline: Student's interval over seeds, and a paired bootstrap over faces of the seeds' mean.
Every run, shard and prediction is kept in --out, so that this can be interrupted and gone on with. --at-once trains
that many runs beside each other, each with its share of the cores.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from balance import over_seeds
from numpy.typing import NDArray
from PIL import Image
from record import write

from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.ensemble.combine import chosen, combine
from mien.evaluate.features import embeddings, project
from mien.evaluate.predictions import Predictions, predict
from mien.evaluate.predictor import open_model
from mien.evaluate.probabilities_file import load_probabilities, save_probabilities
from mien.lab.export.generator import export_generator
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.labels import SEVEN
from mien.plots.confusion import plot_confusion
from mien.plots.curves import plot_curves
from mien.plots.feature_map import plot_features
from mien.score.accuracy import hits
from mien.score.balanced_accuracy import balanced_accuracy
from mien.score.confusion import confusion_matrix
from mien.score.f1 import macro_f1

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "study"
IMAGES = ROOT / "docs" / "images"
ARMS = ("baseline", "augmented", "expanded", "byol")
TOGETHER = ("baseline", "augmented", "expanded")
SPLITS = ("PublicTest", "PrivateTest")
RESAMPLES = 2000


def mien(*words: str) -> None:
    """A command of mien's, its progress shown."""
    code = "from mien.cli.app import main; main()"
    subprocess.run([sys.executable, "-c", code, *words], check=True)


def made(data: str, generator: Path, out: Path, variants: int) -> tuple[Path, Path]:
    """The folders of variants and of the expanded set, made or gone on with."""
    model = out / "generator.onnx"
    export_generator(generator / "final.safetensors", model)  # of a run that is done; other settings are refused below
    common = (data, "--model", str(model), "--labels", "fer2013", "--split", "Training")
    mien("augment", *common, "--out", str(out / "variants"), "--num-augments", str(variants))
    mien("augment", *common, "--out", str(out / "expanded"), "--expand")
    return out / "variants", out / "expanded"


def plan(arm: str, seed: int, out: Path) -> Recipe:
    """An arm's recipe with this run's folders in it."""
    name = "byol-finetune" if arm == "byol" else arm
    recipe = read_recipe(RECIPES / f"small-{name}.toml")
    data = recipe.data
    if arm == "augmented":
        data = replace(data, variants=str(out / "variants"))
    if arm == "expanded":
        data = replace(data, more=str(out / "expanded"))
    return replace(recipe, seed=seed, data=data, init=str(out / "byol-trunk") if arm == "byol" else "")


def trained(recipe: Recipe, faces: FaceSet, folder: Path) -> Path:
    if not (folder / "final.safetensors").exists():
        train(recipe, faces, folder, resume=(folder / "recipe.toml").exists())
    return folder


def answers(folder: Path, faces: FaceSet, split: str) -> Predictions:
    """What a run's last epoch says of a split, kept beside it."""
    file = folder / f"{split}.npz"
    if not file.exists():
        save_probabilities(file, predict(folder.name, open_model(folder), faces, split, labels="fer2013"))
    return load_probabilities(file)


def scores(targets: NDArray[np.int64], values: NDArray[np.float64]) -> dict[str, Any]:
    """Percentages of one model or ensemble; values (n, 7)."""
    table = confusion_matrix(targets, values.argmax(1), len(SEVEN))
    return {
        "n": len(targets),
        "top1": round(100 * float(hits(targets, values).mean()), 2),
        "top2": round(100 * float(hits(targets, values, 2).mean()), 2),
        "macro_f1": round(float(macro_f1(table)), 2),
        "balanced_accuracy": round(float(balanced_accuracy(table)), 2),
        "recall": {name: round(100 * float(table[k, k] / max(table[k].sum(), 1)), 1) for k, name in enumerate(SEVEN)},
    }


def against(base: NDArray[np.float64], arm: NDArray[np.float64]) -> dict[str, float]:
    """Points by which an arm is better: (seeds, n) right or not of both, or of one combination, (1, n)."""
    each = 100 * (arm.mean(0) - base.mean(0))
    drawn = np.random.default_rng(0).integers(0, len(each), (RESAMPLES, len(each)))
    low, high = np.percentile(each[drawn].mean(1), [2.5, 97.5])
    found = {
        "mean": round(float(each.mean()), 2),
        "faces_low": round(float(low), 2),
        "faces_high": round(float(high), 2),
    }
    if len(arm) == len(base) > 1:
        found["seeds_half_width"] = over_seeds(list(100 * (arm - base).mean(1)))["half_width"]
    return found


def combined(members: list[Predictions], rule: str) -> NDArray[np.float64]:
    """(n, 7) of several models; `max` goes by the raw logits, as the study does."""
    p = np.stack([m.probabilities[:, :7] for m in members]).astype(np.float64)
    if rule == "max":
        return chosen(p, np.stack([m.logits[:, :7] for m in members if m.logits is not None]))
    return combine(rule, p)


def table(told: dict[str, list[Predictions]]) -> dict[str, Any]:
    """All arms and combinations on one split."""
    targets = told["baseline"][0].targets
    right: dict[str, NDArray[np.float64]] = {}
    rows: dict[str, Any] = {}

    def add(name: str, values: list[NDArray[np.float64]]) -> None:
        rows[name] = {"seeds": [scores(targets, v) for v in values]}
        right[name] = np.stack([hits(targets, v).astype(np.float64) for v in values])
        for key in ("top1", "top2", "macro_f1", "balanced_accuracy"):
            of_seeds = [row[key] for row in rows[name]["seeds"]]
            rows[name][key] = over_seeds(of_seeds) if len(of_seeds) > 1 else {"mean": of_seeds[0]}

    for arm, models in told.items():
        add(arm, [m.probabilities[:, :7].astype(np.float64) for m in models])
    for rule in ("max", "mean", "vote"):
        count = len(told["baseline"])
        # members of three seeds, as the control's: those of one seed share their first weights, and are more alike
        mixed = [[told[arm][(seed + i) % count] for i, arm in enumerate(TOGETHER)] for seed in range(count)]
        add(f"three arms, {rule}", [combined(members, rule) for members in mixed])
        add(f"three baselines, {rule}", [combined(told["baseline"], rule)])
    for name in rows:
        if name != "baseline":
            rows[name]["against_baseline"] = against(right["baseline"], right[name])
        if name.startswith("three arms"):
            control = right[name.replace("three arms", "three baselines")]
            rows[name]["against_three_baselines"] = against(control, right[name])
    return rows


def draw(out: Path, faces: FaceSet, told: dict[str, list[Predictions]]) -> None:
    """Learning curves, confusion matrices and t-SNE before and after, into docs/images."""
    curves: dict[int, dict[str, Any]] = {}
    for arm in told:
        logs = [list(csv.DictReader((out / f"{arm}-{seed}" / "log.csv").open())) for seed in range(len(told[arm]))]
        for rows in zip(*logs, strict=True):
            row = curves.setdefault(int(rows[0]["epoch"]), {"epoch": int(rows[0]["epoch"])})
            row[f"{arm}_loss"] = np.mean([float(r["train_loss"]) for r in rows])
            row[f"{arm}_top1"] = np.mean([float(r["val_top1_emotion"]) for r in rows])
    plot_curves(
        curves.values(), IMAGES / "ganmut-study-curves.png", title="training loss and PublicTest, mean of seeds"
    )
    for arm in ("baseline", "expanded"):
        one = told[arm][0]
        square = confusion_matrix(one.targets, one.probabilities[:, :7].argmax(1), len(SEVEN))
        plot_confusion(square, SEVEN, IMAGES / f"ganmut-study-confusion-{arm}.png", title=f"{arm}, PrivateTest")
    some = faces.in_split("PrivateTest")
    some = some.select(np.arange(0, len(some), 3))
    points = {"pixels": some.pixels.reshape(len(some), -1).astype(np.float32)}
    for arm in ("baseline", "expanded"):
        points[f"{arm}, trained"] = embeddings(open_model(out / f"{arm}-0"), some)  # type: ignore[arg-type]
    flat = {name: project(each) for name, each in points.items()}
    chart = IMAGES / "ganmut-study-tsne.png"
    plot_features(flat, some.hard("fer2013"), SEVEN, chart, title="t-SNE, PrivateTest")
    drawn = Image.open(chart).convert("RGB")
    drawn.thumbnail((1500, 1500))  # the repository keeps no large files
    drawn.quantize(200, Image.Quantize.MAXCOVERAGE).save(chart, optimize=True)


def job(name: str, asked: argparse.Namespace, faces: FaceSet) -> None:
    """One training, by the name of its folder: byol-trunk, baseline-0, ..."""
    if name == "byol-trunk":
        trunk = read_recipe(RECIPES / "small-byol.toml")
        recipe = replace(trunk, byol=replace(trunk.byol, variants=str(asked.out / "variants")))
    else:
        arm, seed = name.rsplit("-", 1)
        recipe = plan(arm, int(seed), asked.out)
    trained(recipe, faces, asked.out / name)


def run_all(names: list[str], asked: argparse.Namespace) -> None:
    """Each in a process of its own, as many at once as were asked for; a trunk before what is tuned from it.

    Raises:
        subprocess.CalledProcessError: one that failed; the others are let end.
    """
    threads = str(max(1, (os.cpu_count() or 1) // asked.at_once))
    started = time.perf_counter()

    def one(name: str) -> None:
        if name.startswith("byol") and name != names[0]:
            trunk.result()
        words = [sys.executable, __file__, "--generator", str(asked.generator), "--out", str(asked.out)]
        subprocess.run([*words, "--only", name], check=True, env=os.environ | {"OMP_NUM_THREADS": threads})
        print(name, f"{(time.perf_counter() - started) / 60:.0f} min", flush=True)

    with ThreadPoolExecutor(asked.at_once) as pool:
        trunk = pool.submit(one, names[0])
        list(pool.map(one, names[1:]))
        trunk.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generator", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--variants", type=int, default=4)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--only", help="one training alone, by its folder's name")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "study")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    data = read_recipe(RECIPES / "small-baseline.toml").data.path
    faces = load_dataset(data)
    if asked.only:
        job(asked.only, asked, faces)
        return
    if set(asked.arms) != {"baseline"}:
        made(data, asked.generator, asked.out, asked.variants)
    names = [f"{arm}-{seed}" for seed in range(asked.seeds) for arm in asked.arms]
    run_all(
        ["byol-trunk", *sorted(names, key=lambda name: name.startswith("byol"))] if "byol" in asked.arms else names,
        asked,
    )
    folders = {arm: [asked.out / f"{arm}-{seed}" for seed in range(asked.seeds)] for arm in asked.arms}
    if not set(TOGETHER) <= set(asked.arms):
        return
    told = {split: {a: [answers(f, faces, split) for f in folders[a]] for a in folders} for split in SPLITS}
    draw(asked.out, faces, told["PrivateTest"])
    first = folders["baseline"][0] / "log.csv"
    rows = list(csv.DictReader(first.open()))
    facts: dict[str, Any] = {
        "seeds": asked.seeds,
        "variants_a_face": asked.variants,
        "at_once": asked.at_once,
        "epochs": len(rows),
        "parameters": open_model(folders["baseline"][0]).spec.parameters,
        "minutes_a_run": round(sum(float(r["seconds"]) for r in rows) / 60, 1),
        **{split: table(told[split]) for split in SPLITS},
    }
    write("ganmut-study", facts, packages=("mien", "numpy", "torch", "onnxruntime", "scipy"))


if __name__ == "__main__":
    main()
