from __future__ import annotations

import importlib.metadata as metadata
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mien.runtime import installation
from mien.runtime.installation import EXTRAS, Package


def test_every_extra_of_the_package_is_explained() -> None:
    assert set(metadata.metadata("mien").get_all("Provides-Extra") or []) == set(EXTRAS)


def test_the_base_install_is_here_and_holds_no_torch() -> None:
    base = installation.packages()
    assert {"numpy", "onnxruntime", "typer"} <= {package.name for package in base}
    assert "torch" not in {package.name for package in base}
    assert all(package.fits for package in base)


def test_an_extra_lists_what_it_adds() -> None:
    assert {p.name for p in installation.packages("parquet")} == {"pyarrow"}
    assert "torch" in {p.name for p in installation.packages("train")}
    assert "numpy" not in {p.name for p in installation.packages("train")}


@pytest.mark.parametrize(("version", "fits"), [(None, False), ("1.25.9", False), ("1.26", True), ("2.0rc1", True)])
def test_versions(version: str | None, fits: bool) -> None:
    assert Package("numpy", ">=1.26", version).fits is fits


def test_torchs_cuda_is_read_from_its_version_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(installation, "find_spec", lambda name: None)
    assert installation.torch_cuda() is None
    monkeypatch.setattr(installation, "find_spec", lambda name: Spec)
    assert installation.torch_cuda() == ""
    (tmp_path / "version.py").write_text("__version__ = '9'\ncuda: Optional[str] = '13.2'\n", encoding="utf-8")
    assert installation.torch_cuda() == "13.2"
    (tmp_path / "version.py").write_text("cuda: Optional[str] = None\n", encoding="utf-8")
    assert installation.torch_cuda() == ""


def test_cards_are_what_the_driver_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, stdout="NVIDIA H100, 81559 MiB\n\n")

    monkeypatch.setattr(installation.subprocess, "run", answer)
    assert installation.gpus() == ["NVIDIA H100, 81559 MiB"]

    def absent(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("nvidia-smi")

    monkeypatch.setattr(installation.subprocess, "run", absent)
    assert installation.gpus() == []


def test_machine_names_this_python() -> None:
    assert installation.machine()["python"].startswith("3.")
