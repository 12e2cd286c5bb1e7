"""Several heads go the whole way: a recipe, a training, one ONNX file, the table of `mien analyze`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from mien.cli.app import app  # noqa: E402
from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.recipe_file import read_recipe  # noqa: E402
from mien.lab.train.run import train  # noqa: E402
from mien.labels import EMOTIONS, NO_UNIT  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

RECIPE = """
name = "heads"

[data]
path = "synthetic"
train = "Training"
validation = "Validation"

[[heads]]
labels = "synthetic"

[[heads]]
name = "units"
kind = "action_units"
units = ["AU06", "AU12", "AU01"]
background = true

[[heads]]
name = "strong"
kind = "intensity"
units = ["AU12", "AU04"]

[[heads]]
name = "affect"
kind = "valence_arousal"

[[heads]]
name = "both"
kind = "emotion_units"
labels = "synthetic"
units = ["AU25"]

[model]
name = "small"
options = { widths = [8, 16, 16], depths = [1, 1, 1], stem = 8, dropout = 0.0 }

[train]
epochs = 2
batch = 32
precision = "fp32"
metric = "heads"
"""
SHOWN = 5
UNITS = ("AU01", "AU06", "AU12", "AU25")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heads")
    (folder / "recipe.toml").write_text(RECIPE)
    faces = synthetic(240, seed=4, identities=40, splits={"Training": 0.8, "Validation": 0.2})
    train(read_recipe(folder / "recipe.toml", []), faces, folder / "run", device="cpu", quiet=True)
    (folder / "faces").mkdir()
    assert faces.pixels is not None
    for i, pixels in enumerate(faces.pixels[:SHOWN]):
        Image.fromarray(pixels).save(folder / "faces" / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def said(run: Path) -> tuple[ModelSpec, torch.Tensor]:
    """What the lab's net says of the faces."""
    predictor = open_run(run / "run", "cpu")
    pixels = np.stack([np.asarray(Image.open(run / "faces" / f"{i}.png")) for i in range(SHOWN)])
    return predictor.spec, torch.from_numpy(predictor.logits(pixels[..., None]))


def analysed(run: Path, name: str, *more: object, **exported: Any) -> list[dict[str, Any]]:
    export_run(run / "run", run / name, **exported)
    words = ["analyze", run / "faces", "--model", run / name, "--detector", "none", "--json", "--quiet", *more]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    assert len(rows) == SHOWN
    return rows


def test_the_table_says_what_the_lab_says(run: Path, said: tuple[ModelSpec, torch.Tensor]) -> None:
    spec, logits = said
    assert [head.kind for head in spec.heads] == [
        "emotion", "action_units", "intensity", "valence_arousal", "emotion_units",
    ]  # fmt: skip
    rows = analysed(run, "all.onnx", "--circumplex", run / "plane.svg")
    assert not [name for name in rows[0] if NO_UNIT in name]
    assert [name for name in rows[0] if name.startswith("AU")] == [*UNITS, "AU04_intensity", "AU12_intensity"]

    def column(head: str, label: str) -> torch.Tensor:
        return logits[:, spec.columns(head)][:, spec.head(head).labels.index(label)]

    expected = {name: column("emotion", name) for name in EMOTIONS}
    shares = torch.stack(list(expected.values()), dim=1).softmax(dim=1)
    expected = dict(zip(EMOTIONS, shares.T, strict=True))
    expected |= {unit: column("both" if unit == "AU25" else "units", unit).sigmoid() for unit in UNITS}
    expected |= {f"{unit}_intensity": column("strong", unit).clamp(0, 5) for unit in ("AU04", "AU12")}
    expected |= {name: column("affect", name).tanh() for name in ("valence", "arousal")}
    for name, values in expected.items():
        assert [row[name] for row in rows] == pytest.approx(values.tolist(), abs=1e-3), name
        assert values.std() > 1e-3, name  # faces differ, so that a column of another head would be seen
    assert [row["emotion"] for row in rows] == [EMOTIONS[at] for at in shares.argmax(dim=1).tolist()]
    assert ">valence; n = 5" in (run / "plane.svg").read_text(encoding="utf-8")


def test_each_head_alone_makes_a_model_that_analyses(run: Path, said: tuple[ModelSpec, torch.Tensor]) -> None:
    spec, logits = said
    for head, filled in (
        ("units", {"AU01", "AU06", "AU12"}),
        ("strong", {"AU04", "AU12"}),
        ("affect", {"valence", "arousal"}),
        ("both", {"AU25", *EMOTIONS}),
    ):
        rows = analysed(run, f"{head}.onnx", "--annotate", run / f"{head}-drawn", head=head)
        scores = {name for name in rows[0] if name[:2] == "AU" or name in (*EMOTIONS, "valence", "arousal")}
        assert {name for name in scores if rows[0][name] is not None} == filled
        assert all((row["emotion"] is None) == (head != "both") and row["abstain"] == 0 for row in rows)
        assert len(list((run / f"{head}-drawn").iterdir())) == SHOWN
        if head == "both":
            kept = [spec.head(head).labels.index(name) for name in EMOTIONS]
            shares = logits[:, spec.columns(head)][:, kept].softmax(dim=1)
            for row, expected in zip(rows, shares.tolist(), strict=True):
                assert [row[name] for name in EMOTIONS] == pytest.approx(expected, abs=1e-3)
                assert sum(row[name] for name in EMOTIONS) == pytest.approx(1, abs=1e-5)
