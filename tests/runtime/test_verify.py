from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.runtime.generators import LINEAR, tiny_generator, tiny_spec

from mien.digest import digest_of
from mien.errors import MienError
from mien.runtime import catalog
from mien.runtime.verify import SUMS, problems, recorded

TinyModel = Callable[..., Path]


def test_a_whole_file_has_no_problems(tiny_model: TinyModel) -> None:
    assert problems(tiny_model()) == []


def test_what_is_no_model_is_said_in_one_line(tiny_model: TinyModel, tmp_path: Path) -> None:
    (line,) = problems(tiny_model(with_spec=False))
    assert "no ModelSpec" in line
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    (line,) = problems(broken)
    assert line.startswith(str(broken))


def test_a_bundled_file_must_be_the_released_one(
    tiny_model: TinyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_model("small")
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    (line,) = problems(path)
    assert "no digest is written down" in line
    (tmp_path / SUMS).write_text(f"{digest_of(path)}  small.onnx\n", encoding="utf-8")
    assert problems(path) == []
    (tmp_path / SUMS).write_text(f"{'0' * 64}  small.onnx\n", encoding="utf-8")
    (line,) = problems(path)
    assert "its sha256 differs" in line


def test_a_broken_list_of_digests_names_its_line(tmp_path: Path) -> None:
    assert recorded(tmp_path) == {}
    (tmp_path / SUMS).write_text("abc small.onnx\n", encoding="utf-8")
    with pytest.raises(MienError, match=r"SHA256SUMS:1: expected a sha256 digest"):
        recorded(tmp_path)


def test_a_generator_is_asked_for_faces(tmp_path: Path) -> None:
    assert problems(tiny_generator(tmp_path / "g.onnx")) == []
    other = tiny_spec(space={**LINEAR, "places": [[*place, 0] for place in LINEAR["places"]]})
    (line,) = problems(tiny_generator(tmp_path / "odd.onnx", other))
    assert "export it again" in line
    (line,) = problems(tiny_generator(tmp_path / "nan.onnx", step=float("nan")))
    assert "what are no numbers" in line
