from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402
from tests.contracts.model import HEAD  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.train.checkpoint import load_state, load_weights, save_state, save_weights  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

SPEC = ModelSpec("a", "small", (HEAD,), 48, 48)


def test_weights_carry_their_spec(tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 3)
    sha = save_weights(net, SPEC, tmp_path / "w.safetensors")
    tensors, spec = load_weights(tmp_path / "w.safetensors")
    assert spec == SPEC
    assert len(sha) == 64
    assert torch.equal(tensors["weight"], net.weight)
    assert list(tmp_path.iterdir()) == [tmp_path / "w.safetensors"]


def test_a_spec_beside_foreign_weights(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, str(tmp_path / "w.safetensors"))
    with pytest.raises(MienError, match=r"no model\.json beside it"):
        load_weights(tmp_path / "w.safetensors")
    (tmp_path / "model.json").write_text(SPEC.to_json())
    assert load_weights(tmp_path / "w.safetensors")[1] == SPEC


def test_broken_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no such file"):
        load_weights(tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(MienError, match="not a whole safetensors file"):
        load_weights(tmp_path / "w.safetensors")


def test_state_round_trip(tmp_path: Path) -> None:
    assert load_state(tmp_path / "resume") is None
    save_state(tmp_path / "resume", {"net": {"w": torch.ones(2)}}, {"log": [{"epoch": 1}], "best": 1.5})
    state = load_state(tmp_path / "resume")
    assert state is not None
    assert torch.equal(state[0]["net"]["w"], torch.ones(2))
    assert state[1] == {"log": [{"epoch": 1}], "best": 1.5}
    (tmp_path / "resume" / "state.pt").write_bytes(b"half")
    with pytest.raises(MienError, match="delete it and train again"):
        load_state(tmp_path / "resume")
