"""Which row of a pair goes, and the file that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.evaluate.audit.finding import Finding, precedence, write_findings
from mien.evaluate.exclusions import read_exclusions


def test_test_rows_are_kept_before_validation_before_training_and_early_before_late() -> None:
    split = np.array(["Training", "PrivateTest", "PublicTest", "fold7", "PrivateTest", "", "Training"])
    assert np.argsort(precedence(split)).tolist() == [1, 4, 2, 0, 3, 5, 6]


def test_the_file_has_the_columns_of_the_interface_and_is_taken_by_exclude(tmp_path: Path) -> None:
    split = np.array(["Training", "Test", "Test"])
    found = [Finding("near", 0, 0.91234, 2, 3, 6), Finding("suspect_label", 1, 0.8, -1, 0, 7), Finding("blank", 1, 1.0)]
    write_findings(tmp_path / "new" / "findings.csv", found, split)
    assert (tmp_path / "new" / "findings.csv").read_text().splitlines() == [
        "row,twin,kind,score,label,twin_label,split,twin_split",
        "0,2,near,0.9123,happiness,neutral,Training,Test",
        "1,,suspect_label,0.8000,anger,contempt,Test,",
        "1,,blank,1.0000,,,Test,",
    ]
    assert read_exclusions(tmp_path / "new" / "findings.csv", 3).tolist() == [True, True, False]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place"):
        write_findings(tmp_path / "file" / "findings.csv", [], np.array(["a"]))
