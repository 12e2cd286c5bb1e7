"""What an import costs and drags in, each seen in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    """Standard output of a fresh Python; its standard error must stay empty."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def loaded(code: str) -> set[str]:
    """Names of the packages in memory after some code has run."""
    return set(run(f"{code}\nimport sys; print(*{{m.partition('.')[0] for m in sys.modules}})").split())


HEAVY = {"torch", "torchvision", "timm", "accelerate", "matplotlib"}


def test_importing_mien_loads_nothing_and_says_nothing() -> None:
    assert run("import mien") == ""
    assert not loaded("import mien") & {*HEAVY, "numpy", "pandas", "cv2", "onnxruntime", "scipy", "typer", "rich"}


def test_importing_mien_leaves_the_process_as_it_was() -> None:
    code = (
        "import os, signal, threading, warnings, logging\n"
        "def state():\n"
        "    return dict(os.environ), os.getcwd(), threading.active_count(), list(warnings.filters),"
        " logging.root.level, list(logging.root.handlers), signal.getsignal(signal.SIGINT)\n"
        "before = state()\nimport mien\nassert state() == before"
    )
    assert run(code) == ""


@pytest.mark.parametrize(
    "code",
    [
        "import mien.runtime.analyzer",
        "import mien; mien.Analyzer, mien.Faces, mien.ModelSpec, mien.load_dataset, mien.evaluate",
        "import mien.cli.app",
        "import mien.runtime.model_record as r; r.architecture_records()",
    ],
)
def test_without_the_lab_no_torch_and_without_plots_no_matplotlib(code: str) -> None:
    assert not loaded(code) & HEAVY


def test_help_is_told_without_heavy_packages() -> None:
    code = (
        "import contextlib, io, sys\nfrom mien.cli.app import app\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    app(['--help'])"
    )
    assert not loaded(code) & {*HEAVY, "pandas", "cv2", "onnxruntime", "scipy"}


def test_importing_mien_takes_less_than_a_fifth_of_a_second() -> None:
    """Processor time, the best of five: so that a busy machine does not decide."""
    code = "import time; start = time.process_time(); import mien; print(time.process_time() - start)"
    assert min(float(run(code)) for _ in range(5)) < 0.2


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mien' has no attribute 'Analyser'"):
        __import__("mien").Analyser  # noqa: B018


def test_folders_import_only_from_what_stands_above_them() -> None:
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS
