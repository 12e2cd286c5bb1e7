from __future__ import annotations

from typing import Any

import pytest

from mien.lab.tune.progress import SearchProgress
from mien.lab.tune.slots import add_slots


def test_lines_go_to_standard_error_and_quiet_says_nothing(study: Any, capsys: pytest.CaptureFixture[str]) -> None:
    add_slots(study, [{}])
    with SearchProgress(study) as progress:
        progress.say("trial 0: val_top1 50")
        progress.say("")
    with SearchProgress(study, quiet=True) as progress:
        progress.say("nothing")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "trial 0: val_top1 50\n"
