"""Make a bundled file of weights anew: train its recipe, export its head, calibrate it, write down its digest.

    python recipes/bundle.py small-fer2013 --data ../shared/data/fer2013.parquet

A run that stands in --runs is gone on with where it stopped, and taken as it is where it is complete. The file goes to
src/mien/weights, a large one to --runs, unless --out says another folder. `--seed 1` makes small-fer2013-1 of
another seed, in --runs as well; `benchmarks/seeds.py` compares them. A large file is the mean of a bundled one and of
others, which are made in --runs unless they lie there or in recipes/members.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from mien.ensemble.ensemble_file import Ensemble, write_ensemble

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src/mien/weights"
MEMBERS = ROOT / "recipes/members"
"""Of large files, where they are kept."""
AVERAGE = "average"
"""A step that is done here, by `average`."""
MIEN = [sys.executable, "-m", "mien"]


@dataclass(frozen=True)
class Bundled:
    """How a file comes about: a recipe of recipes/, the head that is kept, what it is calibrated on, how it is stored,
    for crops of which side (0: the recipe's), the recipe of the run that it began with, where the file has the mean of
    the weights of both, and the seed."""

    recipe: str
    head: str
    labels: str
    int8: bool = False
    side: int = 0
    after: str = ""
    seed: int = 0

    def run(self, runs: Path) -> Path:
        """The folder of its run."""
        return runs / _seeded(self.recipe.replace("/", "-"), self.seed)


@dataclass(frozen=True)
class Large:
    """A file with the mean of what a bundled file says and others, by the names under which they lie among the runs."""

    beside: str
    others: dict[str, Bundled]


def _remembering(head: str, labels: str, seed: int = 0) -> Bundled:
    return Bundled("small-remembering", head, labels, int8=True, after="small-symmetric", seed=seed)


MODELS = {
    "small": Bundled("small-refit", "emotion", "ferplus", int8=True),
    "small-fer2013": _remembering("emotion_fer2013", "fer2013"),
    "nano": Bundled("nano-refit", "emotion", "ferplus", int8=True, side=40),
    "nano-fer2013": Bundled("nano-refit", "emotion_fer2013", "fer2013", int8=True, side=40),
}
LARGE = {
    "large": Large(
        "small",
        {
            "remembering": _remembering("emotion", "ferplus"),
            "remembering-1": _remembering("emotion", "ferplus", seed=1),
        },
    ),
    "large-fer2013": Large(
        "small-fer2013",
        {
            "small-fer2013-1": _remembering("emotion_fer2013", "fer2013", seed=1),
            "small-fer2013-2": _remembering("emotion_fer2013", "fer2013", seed=2),
            "refit-fer2013": Bundled("small-refit", "emotion_fer2013", "fer2013", int8=True),
        },
    ),
}
"""Too large for the wheel."""
SMALLER = {"nano-symmetric": Bundled("nano-symmetric", "emotion_fer2013", "fer2013", int8=True, side=40)}
"""A third of `nano-fer2013`'s parameters, and less accurate: not in the wheel either."""
GENERATORS = {"ganmut-fer2013": "ganmut/fer2013"}


def steps(name: str, data: str, runs: Path, out: Path, temporary: Path, seed: int = 0) -> list[list[str]]:
    """The commands, in order, without what is done. An ensemble's list of members is written here."""
    if name in GENERATORS:
        made = Bundled(GENERATORS[name], "", "")
        target = str(out / "generators" / f"{name}.onnx")
        return [*_trained(made, data, runs), ["export", str(made.run(runs)), "--half", "--name", name, "--out", target]]
    if name in LARGE:
        return _mean_of(name, LARGE[name], data, runs, out, temporary)
    return _file(_seeded(name, seed), replace((MODELS | SMALLER)[name], seed=seed), data, runs, out, temporary)


def _file(name: str, made: Bundled, data: str, runs: Path, out: Path, temporary: Path) -> list[list[str]]:
    """Training, export and calibration of one net."""
    learnt, weights = _weights(made, data, runs, temporary)
    data = _cut(data, made.recipe)
    target = temporary / f"{name}.onnx"
    export = ["export", str(weights), "--head", made.head, "--name", name, "--out", str(target)]
    export += ["--int8", "--calibrate", data] if made.int8 else []
    export += ["--side", str(made.side)] if made.side else []
    return [*learnt, export, _calibrate(target, data, made.labels, out)]


def _mean_of(name: str, made: Large, data: str, runs: Path, out: Path, temporary: Path) -> list[list[str]]:
    """The members that are missing, and the file that averages what they and a bundled one say."""
    todo, members, one = [], [made.beside], next(iter(made.others.values()))
    for member, how in made.others.items():
        places = [folder / f"{member}.onnx" for folder in (runs, MEMBERS)]
        found = next((place for place in places if place.exists()), None)
        if found is None:
            todo += _file(member, how, data, runs, runs, temporary)
        members.append(str((found or places[0]).resolve()))
    listed, target = temporary / f"{name}.toml", temporary / f"{name}.onnx"
    write_ensemble(listed, Ensemble(name, "mean", tuple(members)))
    data = _cut(data, one.recipe)
    export = ["export", str(listed), "--name", name, "--out", str(target)]
    return [*todo, export, _calibrate(target, data, one.labels, out)]


def _calibrate(file: Path, data: str, labels: str, out: Path) -> list[str]:
    how = ("--labels", labels, "--method", "auto", "--abstain-rate", "0.1")
    return ["calibrate", str(file), "--data", data, *how, "--out", str(out / file.name)]


def _weights(made: Bundled, data: str, runs: Path, temporary: Path) -> tuple[list[list[str]], Path]:
    """What is left to do until a net has its weights, and their file."""
    run = made.run(runs)
    chosen = run / ("final.safetensors" if _protocol(made.recipe) == "refit" else "best.safetensors")
    if not made.after:
        return _trained(made, data, runs), chosen
    before = replace(made, recipe=made.after)
    first, both = before.run(runs) / chosen.name, temporary / f"{run.name}-mean.safetensors"
    begun = ("--set", f"model.weights={first}")
    learnt = [*_trained(before, data, runs), *_trained(made, data, runs, begun)]
    return [*learnt, [AVERAGE, str(first), str(chosen), str(both)]], both


def _seeded(name: str, seed: int) -> str:
    return f"{name}-{seed}" if seed else name


def _protocol(recipe: str) -> str:
    """By which the recipe cuts its data, "" for the data's own splits. `refit` has no epoch left to choose: the last is
    taken; any other run is taken at the epoch that its validation split chose."""
    text = (ROOT / "recipes" / f"{recipe}.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["data"].get("protocol", ""))


def _cut(data: str, recipe: str) -> str:
    """The data's address with the recipe's protocol."""
    return f"{data}:protocol={protocol}" if (protocol := _protocol(recipe)) else data


def average(first: Path, second: Path, out: Path) -> None:
    """Write the mean of the weights of two runs of one architecture, with the ModelSpec of the second.

    Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", for a net and what it became by learning on.
    """
    from safetensors.torch import load_file, save_file

    from mien.runtime.spec_in_safetensors import write_spec
    from mien.runtime.weights_header import spec_of

    mine, other = load_file(second), load_file(first)
    mean = {name: (w + other[name]) / 2 if w.is_floating_point() else w for name, w in mine.items()}
    save_file(mean, out)
    spec = spec_of(second)
    write_spec(out, out, spec.replace(training=spec.training | {"averaged_with": first.parent.name}))


def _trained(made: Bundled, data: str, runs: Path, settings: tuple[str, ...] = ()) -> list[list[str]]:
    """The training that is left to do."""
    run = made.run(runs)
    if (run / "final.safetensors").exists():
        return []
    settings += ("--seed", str(made.seed)) if made.seed else ()
    settings += ("--resume",) if (run / "log.csv").exists() else ()
    return [["train", str(ROOT / "recipes" / f"{made.recipe}.toml"), "--data", data, "--out", str(run), *settings]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=[*MODELS, *LARGE, *SMALLER, *GENERATORS])
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of a file to compare with the bundled one")
    args = parser.parse_args()
    if args.seed and not set(args.names) <= {*MODELS, *SMALLER}:
        parser.error(f"--seed: of {', '.join(MODELS | SMALLER)}")
    for name in args.names:
        out = args.out or (args.runs if name in LARGE | SMALLER or args.seed else WEIGHTS)
        with tempfile.TemporaryDirectory() as folder:
            for step in steps(name, args.data, args.runs, out, Path(folder), args.seed):
                print("mien", *step, flush=True)
                if step[0] == AVERAGE:
                    average(*map(Path, step[1:]))
                else:
                    subprocess.run([*MIEN, *step], check=True)
    if args.out in (None, WEIGHTS) and not args.seed and not set(args.names) <= set(LARGE | SMALLER):
        subprocess.run(["make", "--silent", "sums"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
