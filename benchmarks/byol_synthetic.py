"""How much of the way from a random trunk to supervised training BYOL goes without labels, on drawn faces.

    nice -n 19 python benchmarks/byol_synthetic.py [--seeds 3] [--faces 4000] [--difficulty 0.2] [--epochs 60]

One net, the same labelled faces, 2,000 Test faces of other people, last epochs:
- `random`: a linear probe on the trunk with random weights, its norms' statistics taken from the faces,
- `byol`: the same probe on the trunk after BYOL on the same faces, whose labels it does not see,
- `supervised`: the net trained with the labels.
`closed` is (byol - random) / (supervised - random). Each seed draws weights and batches anew, not the faces.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
from record import write
from torch import Tensor

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
from mien.score.intervals import wilson

RECIPE = Path(__file__).parents[1] / "recipes" / "byol.toml"
CPU = torch.device("cpu")
TEST = 2_000
SHARED = [
    "data.validation=Validation",
    'heads=[{labels="synthetic"}]',
    "model.options={widths=[16,32,64], depths=[1,1,1], stem=8, dropout=0.0}",
    "input.height=32",
    "input.width=32",
    "train.sizes=[]",
    "train.batch=128",
    "train.compile=false",
]
BYOL = [
    "byol.hidden=256",
    "byol.out=64",
    "byol.momentum=0.99",
    "byol.views={area=[0.7, 1], jitter=0.8, brightness=0.3, contrast=0.3, blur=[0, 0], solarize=[0, 0]}",
    "train.lr=2e-3",
    "byol.probe=10",
]
SUPERVISED = ["method=supervised", "train.lr=4e-3", "train.batch=64", "augment={flip=0.5, rotate=8, shift=0.05}"]


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


def score(counts: list[int]) -> dict[str, Any]:
    """Percentages of TEST faces; the interval is Wilson's for the mean count."""
    mean = sum(counts) / len(counts)
    low, high = wilson(round(mean), TEST)
    return {
        "n": TEST,
        "top1": round(100 * mean / TEST, 2),
        "top1_ci95": [round(low, 2), round(high, 2)],
        "top1_by_seed": [round(100 * count / TEST, 2) for count in counts],
    }


def measure(options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """All marks; faces of seed 0 to learn from, of seed 1, other people, to be judged on."""
    torch.set_num_threads(1)
    people = {"Training": 1 - 200 / (options.faces + 200), "Validation": 200 / (options.faces + 200)}
    faces = synthetic(options.faces + 200, difficulty=options.difficulty, splits=people)
    test = synthetic(TEST, seed=1, difficulty=options.difficulty)
    labelled = faces.in_split("Training")
    counts: dict[str, list[int]] = {"random": [], "byol": [], "supervised": []}
    for seed in range(options.seeds):
        settings = [*SHARED, f"seed={seed}"]
        blind = read_recipe(RECIPE, [*settings, *BYOL, f"train.epochs={options.epochs}"])
        seeing = read_recipe(RECIPE, [*settings, *SUPERVISED, f"train.epochs={options.supervised_epochs}"])
        counts["random"].append(probed(random_trunk(blind, labelled), labelled, test, blind))
        counts["byol"].append(probed(byol_trunk(blind, faces, scratch / f"byol{seed}"), labelled, test, blind))
        counts["supervised"].append(supervised(seeing, faces, test, scratch / f"supervised{seed}"))
        print(seed, {name: c[-1] / TEST for name, c in counts.items()}, flush=True)
    low, middle, high = (sum(counts[name]) for name in ("random", "byol", "supervised"))
    return {
        "synthetic_version": SYNTHETIC_VERSION,
        "difficulty": options.difficulty,
        "training_faces": len(labelled),
        "epochs": {"byol": options.epochs, "supervised": options.supervised_epochs},
        "settings": {"shared": SHARED, "byol": BYOL, "supervised": SUPERVISED},
        **{name: score(c) for name, c in counts.items()},
        "closed": round((middle - low) / (high - low), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--faces", type=int, default=4000)
    parser.add_argument("--difficulty", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, default=60, help="of BYOL")
    parser.add_argument("--supervised-epochs", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(options, Path(scratch))
    print(f"closed {found['closed']:.1%} of the gap")
    write("byol_synthetic", found, packages=("mien", "numpy", "torch"))


if __name__ == "__main__":
    main()
