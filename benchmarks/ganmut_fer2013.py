"""How well a generator that learnt on FER2013 edits: PrivateTest, judged by `small-fer2013`; and how it came there.

    python benchmarks/ganmut_fer2013.py [--run runs/ganmut-fer2013]

`small` (FER+ labels) watched the training and chose nothing that is measured here: the last epoch counts. The sheet of
edits is of the example portraits, since FER2013's pictures stay out of the repository.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from record import write

from mien.datasets.load import load_dataset
from mien.evaluate.edits.measure import measure
from mien.evaluate.predictor import open_model
from mien.lab.export.generator import export_generator
from mien.plots.edit_sheet import plot_edit_sheet
from mien.plots.expression_space import plot_expression_space
from mien.plots.intensity_curves import plot_intensity_curves
from mien.runtime.editing import EditablePhoto
from mien.runtime.expression_editor import ExpressionEditor

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
EXAMPLES = ROOT / "src" / "mien" / "examples"
DATA = ROOT.parent / "shared" / "data" / "fer2013.parquet"
KEPT = ("epoch", "val_reached", "val_rec", "generator_cycle", "generator_class", "critic_class", "seconds")


def curve(log: Path) -> list[dict[str, float]]:
    rows = list(csv.DictReader(log.open(encoding="utf-8")))
    return [{key: round(float(row[key]), 4) for key in KEPT if row.get(key)} for row in rows]


def sheet(editor: ExpressionEditor) -> None:
    """The example portraits towards every emotion, as the generator sees and makes them."""
    photos = [EditablePhoto(editor, path) for path in sorted(EXAMPLES.glob("*.jpg"))]
    originals = np.concatenate([photo.crops for photo in photos])
    codes = np.stack([editor.space.code(name) for name in editor.space.emotions])
    edits = np.stack([photo.faces_alone(codes) for photo in photos])
    plot_edit_sheet(originals, edits, editor.space.emotions, IMAGES / "ganmut-sheet.png")
    photo = photos[1]
    row = [photo.closely(photo.image), *(photo.closely(photo.edited(code)) for code in codes)]
    side = 180
    small = [np.asarray(Image.fromarray(face).resize((side, side), Image.Resampling.LANCZOS)) for face in row]
    Image.fromarray(np.concatenate(small, 1)).save(IMAGES / "ganmut-photo.jpg", quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "ganmut-fer2013")
    parser.add_argument("--judge", default="small-fer2013")
    parser.add_argument("--faces", type=int, default=1000)
    asked = parser.parse_args()
    model = asked.run / "generator.onnx"
    export_generator(asked.run / "final.safetensors", model)
    editor = ExpressionEditor(model)
    found = measure(
        editor,
        load_dataset(DATA),
        open_model(asked.judge),
        split="PrivateTest",
        labels="fer2013",
        generator_name=editor.name,
        judge_name=asked.judge,
        features_name=asked.judge,
        n=asked.faces,
    )
    log = curve(asked.run / "log.csv")
    sheet(editor)
    plot_expression_space(editor.space, IMAGES / "ganmut-space.png")
    monotone: dict[str, Any] = found.monotone
    plot_intensity_curves(monotone["levels"], monotone["curve"], IMAGES / "ganmut-intensity.png")
    facts = {
        "parameters": editor.spec.parameters,
        "minutes": round(sum(row["seconds"] for row in log) / 60, 1),
        "training": dict(editor.spec.training),
        "curve": log,
        "scores": found.to_dict(),
    }
    write("ganmut-fer2013", facts, packages=("mien", "numpy", "torch", "onnxruntime"))


if __name__ == "__main__":
    main()
