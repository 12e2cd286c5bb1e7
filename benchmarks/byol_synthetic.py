"""How much of the way from a random trunk to supervised training BYOL goes without labels, on drawn faces.

    nice -n 19 python benchmarks/byol_synthetic.py [--seeds 3] [--faces 8000] [--difficulty 0.2] [--epochs 20]

One net, 2,000 Test faces of other people, last epochs, and for each number of labels
- `random`: a linear probe on the trunk with random weights, its norms' statistics taken from all faces,
- `byol`: the same probe on the trunk after BYOL on all faces, whose labels it does not see,
- `supervised`: the net trained on the labelled faces alone, equal steps whatever their number.
`closed` is (byol - random) / (supervised - random). Each seed draws weights and batches anew, not the faces.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from over_seeds import over_seeds
from record import write
from torch import Tensor

from mien.datasets.concatenate import concatenate
from mien.datasets.face_set import FaceSet
from mien.datasets.synthetic import SYNTHETIC_VERSION, synthetic
from mien.lab.models.face_net import FaceNet
from mien.lab.predict import load_net
from mien.lab.train.average import refresh_norms
from mien.lab.train.batches import FaceTensors
from mien.lab.train.model_facts import make_net
from mien.lab.train.probe import linear_probe
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.lab.train.validate import predict

RECIPE = Path(__file__).parents[1] / "recipes" / "byol.toml"
CPU = torch.device("cpu")
TEST = 2_000
WAYS = ("random", "byol", "supervised")
LABELS = (100, 200, 400, 1_000, 8_000)
SHARED = [
    "data.validation=Validation",
    'heads=[{labels="synthetic"}]',
    "model.options={widths=[16,32,128], depths=[1,1,1], stem=8, dropout=0.0}",
    "input.height=32",
    "input.width=32",
    "train.sizes=[]",
    "train.batch=128",
    "train.compile=true",
]
BYOL = [
    "byol.hidden=512",
    "byol.out=128",
    "byol.momentum=0.97",
    "byol.views={area=[0.4, 1], jitter=0.9, brightness=0.4, contrast=0.5, blur=[0.5, 0.1], solarize=[0, 0.1]}",
    "train.lr=2e-3",
    "byol.probe=0",
]
SUPERVISED = [
    "method=supervised",
    "train.lr=4e-3",
    "train.batch=64",
    "train.epochs=4",
    "train.steps=250",
    "augment={flip=0.5, rotate=8, shift=0.05}",
]


def embeddings(net: FaceNet, faces: FaceSet, recipe: Recipe) -> Tensor:
    return predict(net, FaceTensors(faces, (), recipe.input, CPU), embeddings=True)


def right(logits: Tensor, faces: FaceSet) -> int:
    return int((logits.argmax(dim=1) == torch.from_numpy(faces.hard("synthetic"))).sum())


def probed(net: FaceNet, training: FaceSet, test: FaceSet, recipe: Recipe) -> int:
    """Test faces that a linear layer on the trunk names."""
    labels = torch.from_numpy(training.hard("synthetic"))
    return right(linear_probe(embeddings(net, training, recipe), labels, embeddings(net, test, recipe)), test)


def random_trunk(recipe: Recipe, training: FaceSet) -> FaceNet:
    net = make_net(recipe, (), CPU)
    tensors = FaceTensors(training, (), recipe.input, CPU)
    refresh_norms(net, (tensors.plain(rows) for rows in torch.split(torch.arange(len(tensors)), 500)))
    return net


def byol_trunk(recipe: Recipe, training: FaceSet, folder: Path) -> FaceNet:
    train(recipe, training, folder, quiet=True)
    return load_net(folder)[0]


def supervised(recipe: Recipe, training: FaceSet, test: FaceSet, folder: Path) -> int:
    """Test faces that the net names after its last epoch with labels."""
    train(recipe, training, folder, quiet=True)
    return right(predict(load_net(folder)[0], FaceTensors(test, (), recipe.input, CPU)), test)


def measure(options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """All marks; faces of seed 0 to learn from, of seed 1, other people, to be judged on."""
    torch.set_num_threads(1)
    people = {"Training": 1 - 200 / (options.faces + 200), "Validation": 200 / (options.faces + 200)}
    faces = synthetic(options.faces + 200, difficulty=options.difficulty, splits=people)
    test = synthetic(TEST, seed=1, difficulty=options.difficulty)
    training, rest = faces.in_split("Training"), faces.in_split("Validation")
    counts: dict[int, dict[str, list[int]]] = {n: {way: [] for way in WAYS} for n in LABELS}
    for seed in range(options.seeds):
        settings = [*SHARED, f"seed={seed}"]
        blind = read_recipe(RECIPE, [*settings, *BYOL, f"train.epochs={options.epochs}"])
        seeing = read_recipe(RECIPE, [*settings, *SUPERVISED])
        trunks = {"random": random_trunk(blind, training), "byol": byol_trunk(blind, faces, scratch / f"byol{seed}")}
        for n, found in counts.items():
            labelled = training.select(np.arange(min(n, len(training))))
            for way, trunk in trunks.items():
                found[way].append(probed(trunk, labelled, test, blind))
            folder = scratch / f"supervised{seed}-{n}"
            found["supervised"].append(supervised(seeing, concatenate([labelled, rest]), test, folder))
            print(seed, n, {way: c[-1] / TEST for way, c in found.items()}, flush=True)
    return {
        "synthetic_version": SYNTHETIC_VERSION,
        "difficulty": options.difficulty,
        "faces_without_labels": len(training),
        "epochs_of_byol": options.epochs,
        "settings": {"shared": SHARED, "byol": BYOL, "supervised": SUPERVISED},
        "labels": {str(n): marks(found) for n, found in counts.items()},
    }


def marks(found: dict[str, list[int]]) -> dict[str, Any]:
    """One line: the three ways' scores, and how much of the gap is closed, in all and by seed."""
    low, middle, high = (np.array(found[way]) for way in WAYS)
    closed = (middle.sum() - low.sum()) / (high.sum() - low.sum())
    by_seed = [round(float(c), 3) for c in (middle - low) / (high - low)]
    return {way: over_seeds(c, TEST) for way, c in found.items()} | {
        "closed": round(float(closed), 3),
        "closed_by_seed": by_seed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--faces", type=int, default=8000)
    parser.add_argument("--difficulty", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, default=20, help="of BYOL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(options, Path(scratch))
    for n, line in found["labels"].items():
        print(f"{n} labels: closed {line['closed']:.1%} of the gap")
    write("byol_synthetic", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
