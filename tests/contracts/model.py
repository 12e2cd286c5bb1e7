"""What every network must do. A new one's test inherits this and names itself: some fifteen lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

torch = pytest.importorskip("torch")

from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.face_net import FaceNet, channels_last, count_parameters  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import SEVEN  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402

HEAD = Head("emotion", "emotion", SEVEN, "fer2013")


class ModelContract:
    """Shapes, gradient, bf16, checkpoint round trip, ONNX parity, parameter count."""

    name: ClassVar[str]
    parameters: ClassVar[int]  # with its paper's settings and seven classes
    options: ClassVar[dict[str, Any]] = {}  # narrow settings for the quick tests
    size: ClassVar[int] = 48
    channels: ClassVar[int] = 1
    heads: ClassVar[tuple[Head, ...]] = (HEAD,)
    rounding: ClassVar[float] = 1e-4  # by which float32 may differ from itself in another order
    parity: ClassVar[float] = 1e-4  # of the exported file, for logits of the size of one

    def net(self) -> FaceNet:
        torch.manual_seed(0)
        size = {"channels": self.channels, "height": self.size, "width": self.size}
        return create(self.name, self.heads, **size, **self.options)

    def spec(self) -> ModelSpec:
        colour = {1: "grey", 3: "rgb"}[self.channels]
        half = (0.5,) * self.channels
        return ModelSpec(
            self.name, self.name, self.heads, self.size, self.size,
            colour=colour, mean=half, std=half, architecture_options=self.options,
        )  # fmt: skip

    def outputs(self) -> int:
        return sum(len(head.labels) for head in self.heads)

    def x(self, n: int = 3) -> torch.Tensor:
        return torch.randn(n, self.channels, self.size, self.size, generator=torch.Generator().manual_seed(1))

    def test_shapes(self) -> None:
        net = self.net().eval()
        feature_map = net.features(self.x())
        embedding = net.pool(feature_map)
        assert feature_map.ndim == 4
        assert embedding.ndim == 2
        assert net.classify(embedding).shape == (3, self.outputs())
        torch.testing.assert_close(net(self.x()), net.classify(embedding))

    def test_gradient_reaches_every_parameter(self) -> None:
        net = self.net()
        answer = net.answer(self.x(8))
        sum(logits.square().sum() for logits in (answer.logits, *answer.sides)).backward()
        assert [k for k, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []

    def test_it_begins_near_guessing(self) -> None:
        """A head drawn too wide begins far above the loss of guessing and unlearns for epochs."""
        net = self.net().train()
        head = self.heads[0]
        k = len(head.labels)
        x = self.x(8)
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(net(x)[:, :k], torch.arange(len(x)) % k)
        assert loss < 1.5 * torch.tensor(float(k)).log()

    def test_stages_hold_each_parameter_once_and_end_with_the_heads(self) -> None:
        net = self.net().eval()
        stages = net.stages()
        own = [id(p) for stage in stages for p in stage.parameters()]
        assert sorted(own) == sorted(id(p) for p in net.parameters())
        embedding = net.pool(net.features(self.x()))
        net.classify(embedding.detach()).sum().backward()
        heads = {id(p) for p in stages[-1].parameters()}
        assert {id(p) for p in net.parameters() if p.grad is not None} == heads

    def test_stages_stand_in_the_order_of_the_forward_pass(self) -> None:
        net = self.net().eval()
        first_seen: list[int] = []
        place = {id(m): i for i, stage in enumerate(net.stages()) for m in stage.modules()}
        for module in net.modules():
            if id(module) in place and not list(module.children()):
                module.register_forward_pre_hook(lambda m, _: first_seen.append(place[id(m)]))
        with torch.no_grad():
            net(self.x())
        assert first_seen == sorted(first_seen)
        assert set(first_seen) == set(range(len(net.stages())))

    def test_bf16_is_close(self) -> None:
        net = self.net().eval()
        with torch.no_grad():
            plain = net(self.x())
            with torch.autocast("cpu", torch.bfloat16):
                rounded = net(self.x()).float()
        assert (plain - rounded).abs().max() < 0.1 * plain.abs().max() + 0.05

    def test_channels_last_changes_nothing(self) -> None:
        net = self.net().eval()
        with torch.no_grad():
            plain = net(self.x())
            other = net.to(memory_format=torch.channels_last)(channels_last(self.x()))
        torch.testing.assert_close(plain, other, rtol=1e-3, atol=self.rounding)

    def test_a_batch_of_one(self) -> None:
        net = self.net().eval()
        with torch.no_grad():
            torch.testing.assert_close(net(self.x()[:1]), net(self.x())[:1], rtol=1e-3, atol=self.rounding)

    def test_checkpoint_round_trip(self, tmp_path: Path) -> None:
        net = self.net().eval()
        save_weights(net, self.spec(), tmp_path / "w.safetensors")
        again, spec = load_net(tmp_path / "w.safetensors")
        assert spec == self.spec()
        assert torch.equal(net(self.x()), again(self.x()))

    def test_onnx_parity(self, tmp_path: Path) -> None:
        save_weights(self.net(), self.spec(), tmp_path / "w.safetensors")
        export_run(
            tmp_path / "w.safetensors", tmp_path / "m.onnx", parity=self.parity
        )  # raises where it differs by more
        assert (tmp_path / "m.onnx").stat().st_size > 0

    def test_parameter_count(self) -> None:
        """At the paper's settings; its own size and heads are in tests/contracts/test_architectures.py."""
        net = create(self.name, self.heads, channels=self.channels, height=self.size, width=self.size)
        assert count_parameters(net) == self.parameters
