"""ESR's files as its authors and OpenDR save them: one for the base, one for each branch.

The networks learnt from BGR, and name emotions in AffectNet's order; the smaller ones for CK+ are grey and have an
order of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from mien.errors import MienError
from mien.lab.importers.checkpoint_file import State, check_keys, counted, read_state
from mien.lab.importers.imported import Imported, Options
from mien.lab.models.esr import CK, WILD, Esr
from mien.lab.models.registry import create
from mien.labels import AFFECT, CODES, EMOTIONS
from mien.model_spec import Head, ModelSpec

BASE = "Net-Base-Shared_Representations.pt"
BRANCH = "Net-Branch_{}.pt"
SIZE = 96
_AFFECTNET = tuple(CODES["affectnet"][code] for code in range(len(EMOTIONS)))
_CK = (*EMOTIONS[:6], EMOTIONS[7], EMOTIONS[6])  # the authors' CK+ script puts contempt before neutral


def files_in(folder: Path) -> list[Path]:
    """The base and the branches in the order of their numbers.

    Raises:
        MienError: no base, no branch, or a number left out.
    """
    base = folder / BASE
    numbers = sorted(int(end) for path in folder.glob(BRANCH.format("*")) if (end := path.stem[11:]).isdigit())
    if not base.is_file():
        raise MienError(f"{folder}: lacks {BASE}; expected it beside {BRANCH.format(1)}, {BRANCH.format(2)} ...")
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            raise MienError(f"{folder}: lacks {BRANCH.format(expected)}; copy all branches")
    if not numbers:
        raise MienError(f"{folder}: lacks {BRANCH.format(1)}; copy the branches beside the base")
    return [base, *(folder / BRANCH.format(number) for number in numbers)]


def convert(folder: Path, options: Options) -> Imported:
    """Any number of branches, with or without affect, ESR or ESR*, for faces in the wild or for CK+.

    Raises:
        MienError: a file or key that is missing, unknown or of another shape.
    """
    paths = files_in(folder)
    base, *branches = (read_state(path) for path in paths)
    steps = [counted(state, "conv{}.weight") for state in (base, branches[0])]
    small = steps == [len(part) for part in CK]
    if not small and steps != [len(part) for part in WILD]:
        raise MienError(f"{paths[0]}: {steps[0]} convolutions and {steps[1]} in a branch; ESR has 4 and 4, or 3 and 2")
    for path, state in zip(paths[1:], branches, strict=True):
        if "fc.weight" not in state:
            raise MienError(f"{path}: lacks fc.weight; not the weights of a branch of ESR")
    labels = (_CK if small else _AFFECTNET)[: len(branches[0]["fc.weight"])]
    affect = "fc_dimensional.weight" in branches[0]
    attention = any(key.startswith("cbam") for key in base)
    spec = _spec(base, branches, labels, affect, attention, small, options)
    net = create(
        spec.architecture, spec.heads, channels=spec.channels, height=SIZE, width=SIZE, **spec.architecture_options
    )
    assert isinstance(net, Esr)
    _check(net, paths, [base, *branches], spec.architecture)
    if spec.channels == 3 and options.channel_order != "rgb":
        base["conv1.weight"] = base["conv1.weight"].flip(1)
    order = [labels.index(name) for name in spec.heads[0].labels]
    tensors: dict[str, Tensor] = {f"base.{key}": value for key, value in base.items()}
    for number, state in enumerate(branches):
        tensors |= {f"branch.{number}.{key}": value for key, value in _reordered(state, order).items()}
    net.load_state_dict(tensors)
    return Imported(net, spec)


def _reordered(state: State, order: Sequence[int]) -> State:
    """The emotion head's rows, and the affect head's columns that read them, in our order."""
    state = dict(state)
    for key in ("fc.weight", "fc.bias"):
        state[key] = state[key][list(order)]
    if "fc_dimensional.weight" in state:
        state["fc_dimensional.weight"] = state["fc_dimensional.weight"][:, list(order)]
    return state


def _check(net: Esr, paths: Sequence[Path], states: Sequence[State], name: str) -> None:
    """Raise MienError at the first file that does not fit."""
    expected = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    prefixes = ["base.", *(f"branch.{number}." for number in range(net.branches))]
    for path, state, prefix in zip(paths, states, prefixes, strict=True):
        own = {key.removeprefix(prefix): shape for key, shape in expected.items() if key.startswith(prefix)}
        check_keys(state, own, path, f"{'the base' if prefix == 'base.' else 'a branch'} of {name}")


def _spec(
    base: State, branches: Sequence[State], labels: Sequence[str], affect: bool, attention: bool, small: bool,
    options: Options,
) -> ModelSpec:  # fmt: skip
    if attention and options.statistics == "batch":
        raise MienError(
            "--statistics batch: ESR*'s branches were switched to inference as they should be; leave it out"
        )
    widths = [len(state[f"conv{i}.weight"]) for state in (base, branches[0]) for i in range(1, _count(state) + 1)]
    usual = [step.width for part in (CK if small else WILD) for step in part]
    family = "esrstar" if attention else "esr"
    chosen = {
        "branches": (len(branches), 15 if len(branches) == 15 else 9),
        "combine": (options.combine or "mean", "mean"),
        "statistics": (options.statistics or "running", "running"),
        "widths": (widths, usual),
        "ck": (small, False),
    }
    scheme = options.trained_on or ("ckplus" if small else "affectnet")
    heads = [Head("emotion", "emotion", tuple(name for name in EMOTIONS if name in labels), scheme)]
    if affect:
        heads.append(Head("affect", "valence_arousal", AFFECT, scheme, activation="none"))
    grey = base["conv1.weight"].shape[1] == 1
    channels = 1 if grey else 3
    return ModelSpec(
        name="",
        architecture=f"{family}{15 if len(branches) == 15 else 9}",
        heads=tuple(heads),
        height=SIZE,
        width=SIZE,
        colour="grey" if grey else "rgb",
        mean=(0.0,) * channels,
        std=(1.0,) * channels,
        architecture_options={key: value for key, (value, common) in chosen.items() if value != common},
        training={"published": "ESR", "statistics": options.statistics or "running"},
    )


def _count(state: State) -> int:
    return counted(state, "conv{}.weight")
