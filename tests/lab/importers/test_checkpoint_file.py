from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.checkpoint_file import check_keys, counted, read_state  # noqa: E402


class Gift:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("touch was-here",)


def test_a_bare_state_dict_and_one_among_other_facts(tmp_path: Path) -> None:
    state = {"a.weight": torch.ones(2, dtype=torch.float16), "a.steps": torch.tensor(3)}
    for content in (state, {"lr": 1e-4, "best": [1.0], "net": state}, {"state_dict": state}):
        torch.save(content, tmp_path / "c")
        read = read_state(tmp_path / "c")
        assert list(read) == list(state)
        assert read["a.weight"].dtype == torch.float32
        assert read["a.steps"].dtype == torch.int64
    torch.save({f"module.{key}": value for key, value in state.items()}, tmp_path / "c")
    assert list(read_state(tmp_path / "c")) == list(state)
    torch.save(state, tmp_path / "old", _use_new_zipfile_serialization=False)
    assert list(read_state(tmp_path / "old")) == list(state)


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"net": {"w": torch.ones(1)}, "gift": Gift()}, tmp_path / "c.pt")
    with pytest.raises(MienError, match=r"c\.pt: holds \S*system, more than tensors and plain values"):
        read_state(tmp_path / "c.pt")
    torch.save(torch.nn.Linear(1, 1), tmp_path / "c.pt")
    with pytest.raises(MienError, match=r"holds torch\.nn\.modules\.linear\.Linear, more than"):
        read_state(tmp_path / "c.pt")
    (tmp_path / "plain").write_bytes(pickle.dumps(Gift()))
    with pytest.raises(MienError, match="refused"):
        read_state(tmp_path / "plain")
    assert not (tmp_path / "was-here").exists()


def test_what_is_no_checkpoint(tmp_path: Path) -> None:
    whole = io.BytesIO()
    torch.save({"w": torch.ones(1000)}, whole)
    for content in (b"", b"<html>404</html>", whole.getvalue()[:2000]):
        (tmp_path / "c.pt").write_bytes(content)
        with pytest.raises(MienError, match=r"c\.pt: .*(cannot|can be read|no checkpoint)"):
            read_state(tmp_path / "c.pt")
    with pytest.raises(MienError, match="no such file"):
        read_state(tmp_path / "gone.pt")
    with pytest.raises(MienError, match="can be read"):
        read_state(tmp_path)
    for content, words in (
        ({"lr": 0.1, "epochs": 3}, "its keys are lr, epochs"),
        ([1, 2], "no dict"),
        ({}, "no weights"),
    ):
        torch.save(content, tmp_path / "c.pt")
        with pytest.raises(MienError, match=words):
            read_state(tmp_path / "c.pt")


def test_keys_are_named() -> None:
    state = {"a": torch.ones(2), "b": torch.ones(3, 1)}
    check_keys(state, {"a": (2,), "b": (3, 1)}, Path("f"), "x")
    check_keys(state, {"a": (2,)}, Path("f"), "x", optional={"b": (3, 1), "c": ()})
    for expected, words in (
        ({"a": (2,), "b": (3, 1), "c": (), "d": ()}, "f: lacks c and 1 more; not the weights of x"),
        ({"a": (2,)}, "f: has the unknown key b; not"),
        ({"a": (2,), "b": (1, 3)}, r"f: b is \(3, 1\), x needs \(1, 3\)"),
    ):
        with pytest.raises(MienError, match=words):
            check_keys(state, expected, Path("f"), "x")


def test_counting_ends_at_a_gap() -> None:
    state = {f"conv{n}.weight": torch.ones(1) for n in (1, 2, 4)} | {f"l.{n}.w": torch.ones(1) for n in (0, 1)}
    assert counted(state, "conv{}.weight") == 2
    assert counted(state, "l.{}.w") == 2
    assert counted(state, "none{}") == 0
