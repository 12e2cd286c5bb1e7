"""Rules of one's own, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.emfacs_rules import read_rules
from mien.errors import MienError


def test_emotions_and_units_in_any_spelling(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('happy = ["AU06+AU12", "12 + au25"]\ndisgust = ["9"]\n')
    assert read_rules(path) == {"happiness": (("AU06", "AU12"), ("AU12", "AU25")), "disgust": (("AU09",),)}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("happy = [", "not readable as TOML"),
        ("", "no rules in it"),
        ('glee = ["AU06"]', "glee: unknown emotion 'glee'"),
        ('happy = "AU06"', "happy: no list of combinations"),
        ("happy = []", "happy: no list of combinations"),
        ("happy = [6]", "happy: no list of combinations"),
        ('happy = ["AU06+"]', "happy: unknown action unit ''"),
        ('happy = ["AU06"]\njoy = ["AU12"]', "happiness stands there twice, the second time as joy"),
    ],
)
def test_what_cannot_be_a_rule(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(MienError, match=f"rules.toml: .*{what}"):
        read_rules(path)
    with pytest.raises(MienError, match="check --rules"):
        read_rules(tmp_path / "nowhere.toml")
