"""Does a generator that learnt on drawn faces, whose truth is known, edit them as it is asked?

    python benchmarks/ganmut_synthetic.py [--run runs/ganmut-synthetic] [--faces 400]

Trains, or goes on with, `recipes/ganmut/synthetic.toml`, the judge `recipes/ganmut/judge-synthetic.toml` and a reader
of what was drawn (identity and action units), the latter two on other people's faces. Then faces of Test, people whom
none of the three has seen, are edited:

- `reached`: share of edits at full strength, of faces that showed another emotion, that the judge takes for what was
  asked, by emotion;
- `spearman`: asked intensity (0.1 to 1) against the judge's probability of the emotion asked for, and against what the
  reader sees of its action units; over all faces of an emotion, and face by face;
- `identity`: the reader's error on edits over its error on reconstructions (the same faces asked for their own
  emotion). It counts the drawn parameters that the reader can read at all: R2 of 0.5 or more on untouched faces,
  settled before any edit was read.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from record import write
from scipy.stats import spearmanr
from torch.nn import functional as F

from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.datasets.synthetic.expression import prototype_table
from mien.datasets.synthetic.identity import people
from mien.evaluate.predictor import open_model
from mien.lab.export.generator import export_generator
from mien.lab.models.registry import create
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.labels import EMOTIONS
from mien.model_spec import Head
from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.expression_space import NEUTRAL

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "ganmut"
PEOPLE = 2000  # in both recipes' data
INTENSITIES = tuple(round(0.1 * step, 1) for step in range(1, 11))
LEGIBLE = 0.5  # R2


def trained(name: str, folder: Path) -> dict[str, Any]:
    """Train a recipe, or go on; its last row of log.csv and the minutes that its epochs took."""
    recipe = read_recipe(RECIPES / f"{name}.toml")
    done = train(recipe, load_dataset(recipe.data.path), folder, resume=(folder / "recipe.toml").exists())
    return {"minutes": round(sum(float(row["seconds"]) for row in done.log) / 60, 1), **done.log[-1]}


def identities(faces: FaceSet, seed: int) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """(n, p) what was drawn of each person, and the parameters' names."""
    who = people(seed, faces.row % PEOPLE)
    columns, names = [], []
    for field in fields(who):
        value = np.asarray(getattr(who, field.name), np.float32).reshape(len(faces), -1)
        grey = value.mean(1) if value.shape[1] == 3 else value[:, 0]  # colours are seen as grey
        columns.append(grey)
        names.append(field.name)
    return np.stack(columns, 1), tuple(names)


class Reader:
    """Reads drawn parameters and action units off pictures; trained once, by mean squared error."""

    def __init__(self, faces: FaceSet, seed: int, epochs: int = 12) -> None:
        truth, self.names = identities(faces, seed)
        self.mean, self.std = truth.mean(0), truth.std(0)
        self.target = np.concatenate([(truth - self.mean) / self.std, faces.targets["action_units"]], 1)
        labels = tuple(f"output {i}" for i in range(self.target.shape[1]))
        torch.manual_seed(0)
        side = faces.pixels.shape[1]
        self.net = create(
            "small",
            (Head("read", "classes", labels, "synthetic"),),
            channels=1,
            height=side,
            width=side,
            widths=[48, 96, 192],
            depths=[1, 1, 1],
            stem=24,
            dropout=0.0,
        ).to(memory_format=torch.channels_last)
        self._learn(self._input(faces.pixels), torch.from_numpy(self.target), epochs)

    def _learn(self, x: torch.Tensor, y: torch.Tensor, epochs: int, batch: int = 128) -> None:
        optimiser = torch.optim.AdamW(self.net.parameters(), 3e-3, weight_decay=0.02)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=epochs * (len(x) // batch))
        for _ in range(epochs):
            self.net.train()
            for rows in torch.randperm(len(x))[: len(x) // batch * batch].split(batch):
                with torch.autocast("cpu", torch.bfloat16):
                    told = self.net(x[rows].to(memory_format=torch.channels_last))
                loss = F.mse_loss(told.float(), y[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        self.net.eval()

    @staticmethod
    def _input(pixels: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(pixels.reshape(*pixels.shape[:3], 1)).permute(0, 3, 1, 2).float() / 127.5 - 1

    @torch.no_grad()
    def read(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(n, p) parameters in deviations from their mean, and (n, units) intensities."""
        out = torch.cat([self.net(part) for part in self._input(pixels).split(256)]).numpy()
        return out[:, : len(self.names)], out[:, len(self.names) :]


class Verdicts:
    """What judge and reader say of pictures of one set of faces."""

    def __init__(self, reader: Reader, judge: Any, faces: FaceSet, seed: int) -> None:
        truth, _ = identities(faces, seed)
        self.reader, self.judge = reader, judge
        self.truth = (truth - reader.mean) / reader.std
        seen, _ = reader.read(faces.pixels[..., None])
        self.r2 = 1 - ((seen - self.truth) ** 2).mean(0) / self.truth.var(0)
        self.legible = self.r2 >= LEGIBLE
        self.order = [judge.spec.head("emotion").labels.index(name) for name in EMOTIONS]

    def error(self, pixels: NDArray[np.uint8], rows: NDArray[np.bool_] | slice = slice(None)) -> float:
        """Mean error of the legible parameters, in deviations."""
        return float(np.abs(self.reader.read(pixels[rows])[0] - self.truth[rows])[:, self.legible].mean())

    def says(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(n, 8) probabilities over EMOTIONS."""
        logits = self.judge.logits(pixels)[:, self.judge.spec.columns("emotion")][:, self.order].astype(np.float64)
        p = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(p / p.sum(1, keepdims=True))

    def units(self, pixels: NDArray[np.uint8], k: int) -> NDArray[np.float32]:
        """(n,) how much the units of an emotion act."""
        chance, strength = prototype_table()
        weight = (chance[k] * strength[k])[None]
        return np.asarray((self.reader.read(pixels)[1] * weight).sum(1) / weight.sum())


def climbing(editor: ExpressionEditor, told: Verdicts, crops: NDArray[np.uint8], k: int) -> tuple[float, float, float]:
    """Spearman's over all pairs by the judge, face by face, and over all pairs by the action units."""
    steps = [editor.edit(crops, editor.space.code(EMOTIONS[k], s)) for s in INTENSITIES]
    p = np.stack([told.says(step)[:, k] for step in steps])  # (s, n)
    asked = np.repeat(np.asarray(INTENSITIES)[:, None], len(crops), 1).ravel()
    each = np.mean([spearmanr(INTENSITIES, p[:, i]).statistic for i in range(len(crops))])
    units = np.stack([told.units(step, k) for step in steps])
    return spearmanr(asked, p.ravel()).statistic, float(each), spearmanr(asked, units.ravel()).statistic


def measure(editor: ExpressionEditor, reader: Reader, judge: Any, faces: FaceSet, seed: int) -> dict[str, Any]:
    """All scores of one generator on these faces."""
    told = Verdicts(reader, judge, faces, seed)
    crops, own = faces.pixels[..., None], faces.hard("synthetic")
    places = np.stack([editor.space.code(name) for name in EMOTIONS])
    again = editor.edit(crops, places[own])
    reached, errors, ratios = {}, {}, {}
    rising: dict[str, dict[str, float]] = {"judge_pooled": {}, "judge_each_face": {}, "action_units_pooled": {}}
    for k, name in enumerate(EMOTIONS):
        others = own != k  # a face asked for what it shows is a reconstruction, no edit
        full = editor.edit(crops, places[k])
        reached[name] = round(100 * float((told.says(full[others]).argmax(1) == k).mean()), 1)
        errors[name] = told.error(full, others)
        ratios[name] = errors[name] / told.error(again, others)
        if name != NEUTRAL:
            for found, value in zip(rising.values(), climbing(editor, told, crops[others], k), strict=True):
                found[name] = round(float(value), 3)

    def mean(found: dict[str, float]) -> float:
        return round(float(np.mean(list(found.values()))), 3)

    right = [round(100 * float((told.says(pixels).argmax(1) == own).mean()), 1) for pixels in (crops, again)]
    return {
        "n": len(faces),
        "reached": {"mean": mean(reached), "least": min(reached.values()), **reached},
        "judge_on_untouched": right[0],
        "reconstruction_keeps_class": right[1],
        "spearman": {key: {"mean": mean(found), **found} for key, found in rising.items()},
        "identity": {
            "parameters": [n for n, kept in zip(reader.names, told.legible, strict=True) if kept],
            "r2": {n: round(float(v), 2) for n, v in zip(reader.names, told.r2, strict=True)},
            "error_untouched": round(told.error(crops), 4),
            "error_reconstructions": round(told.error(again), 4),
            "error_edits": mean(errors),
            "error_of_the_mean": round(float(np.abs(told.truth[:, told.legible]).mean()), 4),
            "ratio": mean(ratios),
            "ratio_by_emotion": {k: round(v, 3) for k, v in ratios.items()},
        },
        "reconstruction_l1": round(float(np.abs(again.astype(np.int16) - crops).mean()), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "ganmut-synthetic")
    parser.add_argument("--judge", type=Path, default=ROOT / "runs" / "judge-synthetic")
    parser.add_argument("--faces", type=int, default=400)
    asked = parser.parse_args()
    started = time.perf_counter()
    judged = trained("judge-synthetic", asked.judge)
    gan = trained("synthetic", asked.run)
    reader = Reader(load_dataset(read_recipe(RECIPES / "judge-synthetic.toml").data.path), seed=7)
    export_generator(asked.run, asked.run / "generator.onnx")
    editor = ExpressionEditor(asked.run / "generator.onnx")
    source = read_recipe(RECIPES / "synthetic.toml").data.path
    faces = load_dataset(source).in_split("Test")
    faces = faces.select(np.arange(min(asked.faces, len(faces))))
    found = measure(editor, reader, open_model(asked.judge), faces, seed=0)
    facts = {
        "generator_minutes": gan["minutes"],
        "judge_minutes": judged["minutes"],
        "parameters": editor.spec.parameters,
    }
    facts["seconds_here"] = round(time.perf_counter() - started)
    write("ganmut-synthetic", {**facts, **found}, packages=("mien", "numpy", "torch", "onnxruntime", "scipy"))


if __name__ == "__main__":
    main()
