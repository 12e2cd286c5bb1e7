"""What is installed here, and what each extra still lacks. Reads metadata; imports none of the packages."""

from __future__ import annotations

import importlib.metadata as metadata
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

EXTRAS = {
    "parquet": "Parquet files: --data FILE.parquet, mien analyze --format parquet",
    "plots": "mien evaluate --out (confusion matrix), mien analyze --circumplex, curves, sheets and t-SNE",
    "audit": "mien data audit --probabilities: likely label errors",
    "umap": "mien explain --features umap",
    "train": "mien train, mien export, evaluating and explaining run folders and .safetensors files",
    "tune": "mien tune",
    "web": "mien serve",
    "ray": "mien analyze --engine ray",
    "dev": "make test, make lint",
}
"""What each extra is for."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that mien asks for."""

    name: str
    wanted: str  # version specifier, e.g. ">=1.26"
    version: str | None  # None where it is not installed

    @property
    def fits(self) -> bool:
        """Installed, at a version that mien can use."""
        return self.version is not None and Requirement(self.name + self.wanted).specifier.contains(
            self.version, prereleases=True
        )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _wanted(extra: str) -> list[Requirement]:
    """The requirements that an extra adds on this platform; those of the base install for ""."""
    found = []
    for line in metadata.requires("mien") or []:
        requirement = Requirement(line)
        marker = requirement.marker
        with_extra = marker is None or marker.evaluate({"extra": extra})
        in_base = marker is None or marker.evaluate({"extra": ""})
        if with_extra and (in_base if not extra else not in_base):
            found.append(requirement)
    return found


def packages(extra: str = "") -> list[Package]:
    """What the base install (""), or an extra on top of it, asks for on this platform.

    Raises:
        importlib.metadata.PackageNotFoundError: mien is run from its source without being installed.
    """
    return [Package(r.name, str(r.specifier), _version(r.name)) for r in _wanted(extra)]


def machine() -> dict[str, str]:
    """Python, system and processor."""
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
    }


def torch_cuda() -> str | None:
    """The CUDA version torch was built for, "" for a build without, None where there is no torch.

    Read from torch's own version file: importing torch takes seconds.
    """
    spec = find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return None
    version = Path(spec.submodule_search_locations[0]) / "version.py"
    for line in version.read_text(encoding="utf-8").splitlines() if version.is_file() else ():
        if line.startswith("cuda"):
            return line.partition("=")[2].strip().strip("'\"").replace("None", "")
    return ""


def gpus(timeout: float = 10) -> list[str]:
    """The NVIDIA cards that their driver names, with their memory; empty where there is no driver."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=timeout, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]
