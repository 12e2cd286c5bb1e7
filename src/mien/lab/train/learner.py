"""What a step calls where more is learnt than logits: side heads, a centre loss, heads' weights, a loss of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.lab.models.face_net import Answer, FaceNet


class Learner(nn.Module):
    """A network, and what is learnt beside it and not handed on.

    Args:
        net: the network.
        centres: of the centre loss, moved by it and saved with the run; None without one.
        tasks: weighs the heads' losses, learnt and saved with the run; None sums them.
    """

    def __init__(self, net: FaceNet, centres: nn.Module | None = None, tasks: nn.Module | None = None) -> None:
        super().__init__()
        self.net, self.centres, self.tasks = net, centres, tasks
        self.read: Tensor | None = None  # the embedding as the heads read it: a step hands on a copy in float32

    def forward(self, x: Tensor) -> Answer:
        """(n, c, h, w) the network's input -> all that it says."""
        answer = self.net.answer(x)
        self.read = answer.embedding if self.tasks is not None else None
        return answer

    def stages(self) -> list[nn.Module]:
        """The network's, see `FaceNet.stages`."""
        return self.net.stages()


def rest_sides(net: FaceNet, channels: int, side: tuple[int, int]) -> list[str]:
    """Hold what the logits alone do not move: with several processes a reducer waits for every gradient.

    Returns:
        The names of the parameters held.
    """
    was_training = net.training
    device = next(net.parameters()).device
    net.eval()(torch.zeros(1, channels, *side, device=device)).sum().backward()
    held = [name for name, p in net.named_parameters() if p.grad is None]
    for name in held:
        net.get_parameter(name).requires_grad_(False)
    net.zero_grad(set_to_none=True)
    net.train(was_training)
    return held
