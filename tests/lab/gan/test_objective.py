from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from mien.lab.augment.draw import Draw  # noqa: E402
from mien.lab.gan.critic import Critic, Verdict  # noqa: E402
from mien.lab.gan.generator import Generator  # noqa: E402
from mien.lab.gan.objective import Objective  # noqa: E402
from mien.lab.train.recipe import Ganmut  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

N = 14


def made(space: str, settings: Ganmut) -> Objective:
    torch.manual_seed(0)
    generator = Generator(space, conv_dim=4, blocks=1, channels=1)
    critic = Critic(space, conv_dim=4, channels=1, height=16, width=16)
    return Objective(generator, critic, settings, bf16=False)


def batch() -> tuple[torch.Tensor, torch.Tensor, Draw]:
    torch.manual_seed(1)
    return torch.rand(N, 1, 16, 16) * 2 - 1, torch.arange(N) % 7, Draw(torch.Generator().manual_seed(2), N)


class Recorder(Generator):
    """Keeps the codes that it was asked for."""

    def forward(self, faces: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        self.__dict__.setdefault("asked", []).append(codes.detach())
        return super().forward(faces, codes)


@pytest.mark.parametrize("space", ["linear", "gaussian"])
def test_each_network_learns_from_its_own_loss_alone(space: str) -> None:
    both = made(space, Ganmut())
    faces, labels, draw = batch()
    both.critic_terms(faces, labels, both.ask(labels, draw), draw)["total"].backward()
    assert all(p.grad is None for p in both.generator.main.parameters())
    assert all(p.grad is not None for p in both.critic.parameters())
    both.critic.requires_grad_(False).zero_grad()
    both.generator_terms(faces, labels, both.ask(labels, draw), draw)["total"].backward()
    without = [name for name, p in both.generator.named_parameters() if p.grad is None]
    assert without == (["space.axes.bias"] if space == "linear" else [])
    assert all(p.grad is None for p in both.critic.parameters())


def test_labels_asked_for_are_the_batchs_own_shuffled() -> None:
    both = made("linear", Ganmut())
    _, labels, draw = batch()
    asked = both.ask(labels, draw)
    assert sorted(asked.labels.tolist()) == sorted(labels.tolist())
    assert asked.labels.tolist() != labels.tolist()
    assert int(asked.free.sum()) == round(0.3125 * N)


def test_the_way_back_is_the_faces_own_emotion_as_far_as_the_critic_is_sure() -> None:
    """Never with the noise and random directions of training: the published code asks some faces for a random code."""
    both = made("linear", Ganmut(noise=0.5, free=1.0))
    both = replace(both, generator=Recorder("linear", conv_dim=4, blocks=1, channels=1))
    faces, labels, draw = batch()
    both.generator_terms(faces, labels, both.ask(labels, draw), draw)
    _, back = both.generator.asked  # type: ignore[attr-defined]
    sure = both.critic(faces).logits.softmax(1).amax(1)
    torch.testing.assert_close(back, (sure[:, None] * both.generator.space.places()[labels]).detach())
    assert back[labels == SEVEN.index("neutral")].abs().max() == 0


@pytest.mark.parametrize(("space", "way"), [("linear", "original"), ("gaussian", "approximate")])
def test_the_original_way_back_is_where_the_critic_sees_the_real_face(space: str, way: str) -> None:
    both = made(space, Ganmut(way_back=way))
    both = replace(both, generator=Recorder(space, conv_dim=4, blocks=1, channels=1))
    faces, labels, draw = batch()
    both.generator_terms(faces, labels, both.ask(labels, draw), draw)
    _, back = both.generator.asked  # type: ignore[attr-defined]
    torch.testing.assert_close(back, both.critic(faces).codes.detach())


def test_a_perfect_generator_pays_next_to_nothing() -> None:
    """One that shows what is asked in a way the critic reads, and can be turned back."""

    class Honest(Generator):
        def forward(self, faces: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
            shown = faces.clone()
            shown[:, 0, 0, :2] = codes  # two pixels hold the code
            return shown

    class Reads(Critic):
        def forward(self, faces: torch.Tensor) -> Verdict:
            codes = faces[:, 0, 0, :2]
            return Verdict(faces * 0, 50 * codes @ space.places().T.detach(), codes)

    generator = Honest("linear", conv_dim=4, blocks=1, channels=1)
    space = generator.space
    both = Objective(generator, Reads("linear", conv_dim=4, channels=1, height=16, width=16), Ganmut(), bf16=False)
    faces, labels, draw = batch()
    asked = both.ask(labels, draw)
    terms = both.generator_terms(faces, labels, asked, draw)
    assert float(terms["codes"].detach()) == 0
    worse = both.generator_terms(faces, labels, replace(asked, labels=asked.labels.roll(1)), draw)
    assert float(terms["class"].detach()) < 0.7 * float(worse["class"].detach())
    assert float(terms["cycle"]) < 2 * 2 / 256  # the two pixels alone
    assert float(terms["wasserstein"]) == 0


def test_identity_asks_for_the_face_itself() -> None:
    both = made("linear", Ganmut(identity=2.0))
    faces, labels, draw = batch()
    asked = both.ask(labels, draw)
    terms = both.generator_terms(faces, labels, asked, draw)
    without = replace(both, settings=Ganmut()).generator_terms(faces, labels, asked, draw)
    assert float(terms["total"] - without["total"]) == pytest.approx(2 * float(terms["identity"]), rel=1e-4)
