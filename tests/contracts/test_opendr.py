"""OpenDR's interface: what an import costs, and the examples of docs/opendr.md, which are OpenDR's own, run."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.lab.opendr.prepared_faces import NARROW, write_faces

PAGE = Path(__file__).parents[2] / "docs" / "opendr.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
HEAVY = "{'torch', 'torchvision', 'accelerate', 'matplotlib', 'cv2'}"


def fresh(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_it_loads_nothing_heavy_and_says_nothing() -> None:
    fresh(f"import sys, mien.opendr, mien.opendr.datasets\nassert not {HEAVY} & set(sys.modules)")
    fresh("import sys\nfrom mien.opendr import Category, Image, datasets\nassert 'torch' not in sys.modules")


def test_its_names() -> None:
    import mien.opendr

    with pytest.raises(AttributeError, match=r"'mien\.opendr' has no attribute 'Learner'"):
        mien.opendr.Learner  # noqa: B018
    assert mien.opendr.datasets.__name__ == "mien.opendr.datasets"


def test_without_torch_it_says_how_to_get_it() -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\nfrom mien.errors import MissingExtraError\nimport mien.opendr\n"
        "for get in (lambda: mien.opendr.FacialEmotionLearner, lambda: mien.opendr.datasets.AffectNetCategorical):\n"
        "    try:\n        get()\n    except MissingExtraError as error:\n        assert 'mien[train]' in str(error)\n"
        "    else:\n        raise AssertionError\n"
    )
    fresh(code)


def test_the_examples_of_opendrs_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in an empty folder with faces in ./data; the micro data set lies where it is fetched to."""
    pytest.importorskip("torch")
    monkeypatch.setattr("mien.lab.opendr.learner.WIDTHS", NARROW)
    monkeypatch.chdir(tmp_path)
    write_faces(tmp_path / "data", 24, 16)
    write_faces(tmp_path / "AffectNet_micro", 0, 16)
    (tmp_path / "tmp" / "data").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "tmp" / "data" / "AffectNet_micro.zip", "w") as packed:
        for path in (tmp_path / "AffectNet_micro").rglob("*.jpg"):
            packed.write(path, path.relative_to(tmp_path))
    assert len(EXAMPLES) == 3
    found: list[dict[str, Any]] = []
    for example in EXAMPLES:
        names: dict[str, Any] = {"__name__": "example"}
        exec(example, names)
        found.append(names)
    (category,), affect = found[1]["ensemble_emotion_results"], found[1]["ensemble_dimension_results"]
    assert category.description in ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger", "Contempt")
    assert tuple(affect.shape) == (1, 2)
    assert found[2]["learner"].ort_session is not None
    assert found[1]["dataset_path"] == str(Path("tmp/data/AffectNet_micro"))
    kept = {path.as_posix() for path in (tmp_path / "parent_dir").rglob("*.*")}
    assert {Path(path).name for path in kept} == {"optimized_pstbln.onnx", "optimized_pstbln.json"}
    assert {path.name for path in (tmp_path / "experiments").glob("*.*")} == {
        "Net-Base-Shared_Representations.pt", "Net-Branch_1.pt", "esr_9.json",
    }  # fmt: skip
