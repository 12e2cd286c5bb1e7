"""requirements/dev.txt pins, exactly and without a host or path, every package that pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
NOT_PINNED = {"ray"}  # extras that the tests do not need


def pins() -> list[Requirement]:
    lines = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def asked() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [
        text for name, texts in project["optional-dependencies"].items() if name not in NOT_PINNED for text in texts
    ]
    requirements = [Requirement(text) for text in [*project["dependencies"], *extras]]
    return [r for r in requirements if r.name != "mien"]


def test_every_line_is_one_exact_version() -> None:
    for pin in pins():
        assert pin.url is None, pin
        assert [s.operator for s in pin.specifier] == ["=="], pin


@pytest.mark.parametrize("requirement", asked(), ids=str)
def test_what_is_asked_for_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    found = [pin for pin in pins() if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
    assert found, f"{requirement} is not in requirements/dev.txt: make lock"
    for pin in found:
        (exact,) = pin.specifier
        assert Version(exact.version) in requirement.specifier, f"{pin} is not {requirement}: make lock"


def test_each_package_is_pinned_once_for_the_python_of_ci() -> None:
    here = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
    applies = [pin for pin in pins() if pin.marker is None or Marker(str(pin.marker)).evaluate(here)]
    names = [canonicalize_name(pin.name) for pin in applies]
    assert len(names) == len(set(names))
