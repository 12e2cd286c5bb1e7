"""ESR and ESR* as OpenDR has them: pixels in BGR, classes in AffectNet's order, files of a base and of branches.

Within mien a network takes RGB and names emotions in our order. Here it is the other way round, so that what is saved
is what OpenDR and the authors of ESR save; `states_of` turns a network of ours around, `mien.lab.importers.esr` back.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.importers.checkpoint_file import State
from mien.lab.models.esr import WILD, Esr
from mien.lab.models.esr_branch import Branch, Convolutions, Step
from mien.lab.opendr.category import AFFECTNET
from mien.model_spec import ModelSpec

CLASSES = len(AFFECTNET)
SIDE = 96
Said = tuple[list[Tensor], list[Tensor], Any]


class PublishedEsr(nn.Module):
    """(n, 3, 96, 96) in 0..1, BGR -> each branch's logits and its valence and arousal.

    Args:
        branches: how many, 1 or more.
        attention: ESR*, with a CBAM after every block.
        widths: of the eight convolutions, the base's first; () for the published ones.
    """

    def __init__(self, branches: int, attention: bool = False, widths: Sequence[int] = ()) -> None:
        super().__init__()
        if branches < 1:
            raise MienError(f"ensemble_size {branches}: an ensemble has 1 branch or more")
        steps = [*WILD[0], *WILD[1]]
        if widths:
            steps = [step._replace(width=width) for step, width in zip(steps, widths, strict=True)]
        self.attends, self.widths = attention, tuple(widths)
        self._branch: Sequence[Step] = steps[len(WILD[0]) :]
        self.base = Convolutions(3, steps[: len(WILD[0])], nn.BatchNorm2d, attention)
        self.convolutional_branches = nn.ModuleList()
        for _ in range(branches):
            self.add_branch()
        self.eval()

    def get_ensemble_size(self) -> int:
        """How many branches there are."""
        return len(self.convolutional_branches)

    def add_branch(self) -> None:
        """One more, freshly initialised, where the others are."""
        into = self.base.steps[-1].width
        made = Branch(into, self._branch, nn.BatchNorm2d, self.attends, CLASSES, affect=True)
        self.convolutional_branches.append(made.to(next(self.base.parameters()).device))

    def to_device(self, device_to_process: str | torch.device = "cpu") -> None:
        self.to(device_to_process)

    def to_state_dict(self) -> list[State]:
        """Copies of the base's and of each branch's weights, what `save` takes."""
        return [copy.deepcopy(part.state_dict()) for part in (self.base, *self.convolutional_branches)]

    def reload(self, best_configuration: Sequence[State]) -> None:
        """Take what `to_state_dict` gave."""
        for part, state in zip((self.base, *self.convolutional_branches), best_configuration, strict=False):
            part.load_state_dict(state)

    def forward(self, x: Tensor) -> Said:
        """Lists of emotions (n, 8) and of valence and arousal (n, 2), a branch each; third 0.

        Of ESR* the third is where the branches look: [(n, branches, h, w), (n, branches, c)], in 0..1.
        """
        shared = self.base(x)
        said, spatial, channel = [], [], []
        for branch in self._voters():
            if self.attends:
                feature_map, of_channels, of_places = branch.gates(shared)
                channel.append(of_channels)
                spatial.append(of_places.flatten(1))
            else:
                feature_map = branch(shared)
            said.append(branch.say(feature_map.mean((2, 3))))
        attention: Any = 0
        if self.attends:
            stacked = torch.stack(spatial, dim=1)
            side = math.isqrt(stacked.shape[2])
            attention = [stacked.reshape(*stacked.shape[:2], side, side), torch.stack(channel, dim=1)]
        return [each[:, :CLASSES] for each in said], [each[:, CLASSES:] for each in said], attention

    def said(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Emotions (n, branches, 8) and affect (n, branches, 2)."""
        shared = self.base(x)
        said = torch.stack([branch.say(branch(shared).mean((2, 3))) for branch in self._voters()], dim=1)
        return said[..., :CLASSES], said[..., CLASSES:]

    def fix_backbone(self) -> None:
        """Let nothing learn but what reads valence and arousal."""
        self.requires_grad_(False)
        for branch in self._voters():
            assert branch.fc_dimensional is not None
            branch.fc_dimensional.requires_grad_(True)

    def _voters(self) -> Iterable[Branch]:
        return [branch for branch in self.convolutional_branches if isinstance(branch, Branch)]


def states_of(net: Esr, spec: ModelSpec) -> list[State]:
    """A network of ours as the published files hold it: BGR, AffectNet's order; a list of base and branches."""
    labels = spec.heads[0].labels
    if set(labels) != set(AFFECTNET):
        raise MienError(f"{spec.name}: names {', '.join(labels)}; OpenDR's network names all of {', '.join(AFFECTNET)}")
    order = [labels.index(name) for name in AFFECTNET]
    base: State = {key: value.detach().cpu().clone() for key, value in net.base.state_dict().items()}
    base["conv1.weight"] = base["conv1.weight"].flip(1)
    states = [base]
    for branch in net.voters():
        state = {key: value.detach().cpu().clone() for key, value in branch.state_dict().items()}
        for key in ("fc.weight", "fc.bias"):
            state[key] = state[key][order]
        if "fc_dimensional.weight" in state:
            state["fc_dimensional.weight"] = state["fc_dimensional.weight"][:, order]
        states.append(state)
    return states
