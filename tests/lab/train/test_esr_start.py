from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.lab.train.test_esr import NARROW, recipe

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.models.esr import Esr  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.lab.train.esr_start import check_kept, take  # noqa: E402
from mien.lab.train.recipe import Input, Model, Recipe  # noqa: E402
from mien.labels import AFFECT, SEVEN  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

EMOTION = Head("emotion", "emotion", SEVEN, "fer2013")
VALENCE = Head("affect", "valence_arousal", AFFECT, "affectnet", "none")


def net(*heads: Head, branches: int = 2, seed: int = 0) -> Esr:
    torch.manual_seed(seed)
    made = create("esr9", heads, channels=1, height=42, width=42, branches=branches, **NARROW)
    assert isinstance(made, Esr)
    return made


def saved(folder: Path, *heads: Head, **facts: Any) -> Path:
    made = {"mean": (0.0,), "std": (1.0,), "architecture_options": NARROW | {"branches": 2}} | facts
    save_weights(net(*heads, seed=1), ModelSpec("e", "esr9", heads, 42, 42, **made), folder / "w.safetensors")
    return folder / "w.safetensors"


def taken(file: Path, *heads: Head, prefixes: tuple[str, ...] = ("base.", "branch.0.", "branch.1.")) -> set[str]:
    """The layers, by the last part of their name, that came from the file."""
    fresh, filled, source = net(*heads), net(*heads), net(EMOTION, VALENCE, seed=1).state_dict()
    take(filled, heads, file, prefixes)
    before, after = fresh.state_dict(), filled.state_dict()
    return {key.split(".")[-2] for key in after if "fc" in key and not torch.equal(before[key], after[key])} | {
        "conv1" for key in ("base.conv1.weight",) if torch.equal(after[key], source[key])
    }


def test_a_head_is_taken_where_it_says_the_same(tmp_path: Path) -> None:
    both = saved(tmp_path, EMOTION, VALENCE)
    assert taken(both, EMOTION, VALENCE) == {"conv1", "fc", "fc_dimensional"}
    assert taken(both, EMOTION) == {"conv1", "fc"}
    bent = replace(VALENCE, activation="tanh")
    assert taken(both, EMOTION, bent) == {"conv1", "fc"}
    turned = Head("emotion", "emotion", (*SEVEN[1:], SEVEN[0]), "fer2013")
    assert taken(both, turned, VALENCE) == {"conv1"}  # affect is read from other logits
    assert taken(saved(tmp_path, EMOTION), EMOTION, VALENCE) == {"conv1", "fc"}


def test_only_the_parts_that_are_asked_for(tmp_path: Path) -> None:
    file, filled, fresh = saved(tmp_path, EMOTION), net(EMOTION), net(EMOTION).state_dict()
    assert take(filled, (EMOTION,), file, ("branch.1.",)).name == "e"
    changed = {key.split(".conv")[0].split(".bn")[0] for key, v in filled.state_dict().items()
               if not torch.equal(v, fresh[key])}  # fmt: skip
    assert changed == {"branch.1", "branch.1.fc.weight", "branch.1.fc.bias"}


def test_a_file_with_fewer_branches(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"lacks branch\.2\.conv1\.weight; give model\.options of that run"):
        take(net(EMOTION, branches=3), (EMOTION,), saved(tmp_path, EMOTION), ("branch.2.",))


def plan(**changes: Any) -> Recipe:
    return replace(recipe(), **changes)


def spec(*heads: Head, **facts: Any) -> ModelSpec:
    return ModelSpec("e", "esr9", heads, 42, 42, **({"mean": (0.0,), "std": (1.0,)} | facts))


@pytest.mark.parametrize(
    ("theirs", "changes", "said"),
    [
        (spec(replace(EMOTION, labels=SEVEN[:6])), {}, r"w\.safetensors: its emotions are anger, .*sadness, surprise,"),
        (spec(EMOTION, mean=(0.5,)), {}, r"has input\.mean = \(0\.5,\), this recipe \(0\.0,\)"),
        (spec(EMOTION, std=(0.5,)), {}, r"has input\.std"),
        (spec(EMOTION), {"input": Input(54, 42, normalise="unit")}, r"has input\.height = 42, this recipe 54"),
        (spec(EMOTION), {"input": Input(42, 42, "rgb", "unit")}, r"has input\.colour = grey, this recipe rgb"),
        (
            spec(EMOTION, architecture_options={"statistics": "batch"}),
            {"model": Model("esr9", NARROW)},
            r"model\.options\.statistics = batch, this recipe running",
        ),
    ],
)
def test_a_trunk_that_is_frozen_sees_what_it_learnt_by(theirs: ModelSpec, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(MienError, match=said):
        check_kept(plan(**changes), (EMOTION, VALENCE), theirs, Path("w.safetensors"))
    check_kept(plan(), (EMOTION, VALENCE), spec(EMOTION, mean=(np.float32(1e-9),)), Path("w.safetensors"))
