"""OpenDR's FacialEmotionLearner: its constructor and methods on the lab's ESR."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mien.errors import MienError
from mien.lab.importers.checkpoint_file import State
from mien.lab.importers.esr import BASE, BRANCH
from mien.lab.opendr import download as offers
from mien.lab.opendr import onnx_esr, saved, training
from mien.lab.opendr.category import Category
from mien.lab.opendr.evaluation import evaluate
from mien.lab.opendr.pixels import batch_of
from mien.lab.opendr.published_esr import PublishedEsr
from mien.lab.opendr.votes import affect, categories
from mien.lab.train.device import pick_device

WIDTHS: tuple[int, ...] = ()
"""Of the convolutions of networks that are made here; () for the published ones. Tests make them narrow."""


class FacialEmotionLearner:
    """ESR, or with `diversify` ESR*, trained on prepared AffectNet and asked for emotion, valence and arousal.

    Args:
        lr: of the new branch, and in the first stage of the base; what was there before learns at a tenth.
        batch_size: faces a step, 2 or more to train; of `eval` too.
        temp_path: folder of downloads and of `optimize`'s ONNX file.
        device: cuda | cpu; without a GPU cuda becomes cpu, which is said once on standard error.
        device_ind: the GPU, as a number or a list whose first is taken.
        validation_interval: epochs from one validation to the next.
        max_training_epoch: epochs of the first branch.
        momentum: of SGD.
        ensemble_size: branches.
        base_path_experiment, name_experiment: `fit` writes to `<base_path_experiment>/<name_experiment>`.
        dimensional_finetune, categorical_train: what `fit` does: categories first, then valence and arousal on them.
        base_path_to_dataset: folder of Training_Labeled and Validation.
        max_tuning_epoch: epochs of each later branch, and of each branch's valence and arousal.
        diversify: ESR*; `diversity`, which OpenDR's page also calls it, is the same.

    Attributes:
        model: the network, None until there is one.
        ort_session: the ONNX Runtime session that `infer` runs where it is not None.
        dataset_path: base_path_to_dataset, after `download(mode="data")` what that unpacked.

    Raises:
        MienError: another device.
    """

    def __init__(
        self,
        lr: float = 1e-1,
        batch_size: int = 32,
        temp_path: str = "./temp/",
        device: str = "cuda",
        device_ind: int | Sequence[int] = (0,),
        validation_interval: int = 1,
        max_training_epoch: int = 2,
        momentum: float = 0.9,
        ensemble_size: int = 9,
        base_path_experiment: str = "./experiments/",
        name_experiment: str = "esr_9",
        dimensional_finetune: bool = True,
        categorical_train: bool = False,
        base_path_to_dataset: str = "./data/AffectNet",
        max_tuning_epoch: int = 1,
        diversify: bool = False,
        diversity: bool = False,
    ) -> None:
        self.lr, self.batch_size, self.momentum, self.temp_path = lr, batch_size, momentum, temp_path
        self.device_ind, self.device = device_ind, _device(device)
        self.validation_interval = validation_interval
        self.max_training_epoch, self.max_tuning_epoch = max_training_epoch, max_tuning_epoch
        self.ensemble_size, self.diversify = ensemble_size, diversify or diversity
        self.base_path_experiment, self.name_experiment = base_path_experiment, name_experiment
        self.dimensional_finetune, self.categorical_train = dimensional_finetune, categorical_train
        self.base_path_to_dataset = self.dataset_path = base_path_to_dataset
        self.model: Any = None
        self.ort_session: Any = None
        self._loaded = False  # whether `model` is one that load() brought, which fit() goes on from

    def init_model(self, num_branches: int) -> None:
        """A network with random weights instead of the one there is."""
        self._hold(PublishedEsr(num_branches, self.diversify, WIDTHS))

    def fit(self, verbose: bool = True) -> None:
        """Train as the constructor says; what is there afterwards is `model`, and files in `trained_models`.

        With `dimensional_finetune` alone it goes on from the model that `load` brought, else from `trained_models`.
        Epochs are chosen on the folder Validation, as OpenDR does: what `eval` tells afterwards is a little too good.
        A fit that was stopped goes on when it is called again; one that was done is done anew.

        Raises:
            MienError: no prepared faces, nothing to go on from, or settings that cannot be meant.
        """
        if self.categorical_train:
            with self._gpu():
                self._hold(training.train_categories(self._plan(verbose)))
        if self.dimensional_finetune:
            plan = self._plan(verbose)
            if not self.categorical_train and self._loaded and self.model is not None:
                saved.write_states(plan.models, plan.name, self.model.to_state_dict())
            with self._gpu():
                self._hold(training.train_affect(plan))

    def eval(self, eval_type: str = "categorical", current_branch_on_training: int = 0) -> dict[str, list[Any]]:
        """Losses and right answers on the folder Validation.

        Args:
            eval_type: categorical | dimensional.
            current_branch_on_training: branches 0 to this one are looked at and make the ensemble; OpenDR's default
                is the first alone, `ensemble_size - 1` takes all.

        Returns:
            `running_emotion_loss`, mean cross-entropy of each branch; `running_emotion_corrects`, right answers of each
            branch and last of their vote; `valence_arousal_losses`, two lists of RMSE of each branch and last of their
            mean. Branches that are not looked at are 0; what the other eval_type tells is 0 or empty.

        Raises:
            MienError: no model, no faces, or no such branch.
        """
        root, size = str(self.base_path_to_dataset), self._size()
        return evaluate(self._say, eval_type, root, size, current_branch_on_training + 1, self.batch_size)

    def infer(self, input_batch: Any) -> tuple[list[Category], Tensor]:
        """Emotion, valence and arousal of one face or several.

        Args:
            input_batch: an `Image`, an array or tensor (3, 96, 96) or (n, 3, 96, 96) in BGR, or a list of such: uint8,
                or floats in 0..1.

        Returns:
            n categories, see `mien.lab.opendr.votes`, and (n, 2) valence and arousal: the branches' mean, raw.

        Raises:
            MienError: no model, or what is no such face.
        """
        emotions, of_affect = self._say(batch_of(input_batch))
        return categories(emotions), affect(of_affect)

    def save(
        self,
        state_dicts: Sequence[State] | None = None,
        base_path_to_save_model: str | Path | None = None,
        verbose: bool = True,
        *,
        path: str | Path | None = None,
        model_name: str | None = None,
        current_branch_save: int | None = None,
    ) -> None:
        """Write the model's files and a JSON; after `optimize` the ONNX file and a JSON.

        The last three arguments stand in OpenDR's examples and not in its code.

        Args:
            state_dicts: `model.to_state_dict()`, which is also what None means.
            base_path_to_save_model: folder, made where it is missing; base_path_experiment by default.
            path: the same.
            model_name: of the JSON and the ONNX file; name_experiment by default.
            current_branch_save: save branches 0 to this one; all where there are no more.

        Raises:
            MienError: no model, two different folders, or one that cannot be written.
        """
        if path is not None and base_path_to_save_model is not None and Path(path) != Path(base_path_to_save_model):
            raise MienError(f"save: path {path} and base_path_to_save_model {base_path_to_save_model}; give one")
        folder = Path(path or base_path_to_save_model or self.base_path_experiment)
        name = model_name or self.name_experiment
        if self.ort_session is not None:
            saved.write_onnx(folder, name, self._onnx)
        else:
            states = list(state_dicts if state_dicts is not None else self._net().to_state_dict())
            saved.write_states(folder, name, states[: None if current_branch_save is None else current_branch_save + 2])
        if verbose:
            kind = "PyTorch" if self.ort_session is None else "ONNX"
            print(f"mien: {kind} model saved in {folder}", file=sys.stderr)  # noqa: T201

    def load(
        self,
        ensemble_size: int = 9,
        path_to_saved_network: str | Path = "./trained_models/esr_9",
        file_name_base_network: str = BASE,
        file_name_conv_branch: str = BRANCH,
        fix_backbone: bool = True,
    ) -> None:
        """Read what `save` wrote, here or in OpenDR, or what ESR's authors publish; `init_model` is not needed.

        Weights are read without running anything that is in them. A folder without a JSON holds weights.

        Args:
            ensemble_size: how many branches to read; of an ONNX file all.
            path_to_saved_network: folder.
            file_name_base_network, file_name_conv_branch: names of the files, {} stands for the branch's number.
            fix_backbone: with `dimensional_finetune`, let nothing learn but valence and arousal.

        Raises:
            MienError: a folder, file or key that is missing, or weights of ESR for ESR* or the other way round.
        """
        folder = Path(path_to_saved_network)
        found = saved.described(folder, self.name_experiment)
        if found.optimized:
            self.ort_session, self._onnx = onnx_esr.open_onnx(found.onnx), found.onnx
            return
        net = saved.read_net(folder, ensemble_size, self.diversify, file_name_base_network, file_name_conv_branch)
        if self.dimensional_finetune and fix_backbone:
            net.fix_backbone()
        self._hold(net, loaded=True)

    def optimize(self, do_constant_folding: bool = False) -> None:
        """Write `<temp_path>/<name_experiment>.onnx`, for any number of faces; from now on `infer` and `eval` run it.

        Args:
            do_constant_folding: OpenDR's; constants are folded either way, by the exporter and by ONNX Runtime.

        Raises:
            MienError: no model, an export that differs from torch, or a folder that cannot be written.
        """
        net, target = self._net(), Path(self.temp_path) / f"{self.name_experiment}.onnx"
        onnx_esr.export(net, target)
        self.ort_session, self._onnx = onnx_esr.open_onnx(target), target

    def download(
        self, path: str | Path | None = None, mode: str = "data", url: str = offers.SERVER, *, sha256: str = ""
    ) -> str:
        """Fetch a file from OpenDR's server, unless it is there already; where it, or what was in it, stands now.

        Args:
            path: folder; temp_path by default.
            mode: data (a few prepared faces), pretrained (ESR-9, not for commercial use), demo_image or demo_video.
            url: of another place that has the same files; ftp, http or https.
            sha256: what the file must have; OpenDR publishes none.

        Raises:
            MienError: another mode, no network, or another content.
        """
        found = offers.download(Path(path or self.temp_path), mode, url, sha256)
        if mode == "data":
            self.dataset_path = str(found)
        return str(found)

    def _plan(self, verbose: bool) -> training.Plan:
        return training.Plan(
            folder=Path(self.base_path_experiment) / self.name_experiment, name=self.name_experiment,
            data=Path(self.base_path_to_dataset), branches=self.ensemble_size, diversify=self.diversify, widths=WIDTHS,
            lr=self.lr, momentum=self.momentum, batch=self.batch_size, first_epochs=self.max_training_epoch,
            epochs=self.max_tuning_epoch, validate_every=self.validation_interval, device=self.device,
            quiet=not verbose,
        )  # fmt: skip

    def _hold(self, net: PublishedEsr, *, loaded: bool = False) -> None:
        self.model, self.ort_session, self._loaded = net.to(self._where()), None, loaded

    def _net(self) -> PublishedEsr:
        if self.model is None:
            raise MienError("FacialEmotionLearner: no model; load() or fit() one, or init_model() an untrained one")
        assert isinstance(self.model, PublishedEsr)
        return self.model

    def _size(self) -> int:
        if self.ort_session is not None:
            return int(self.ort_session.get_outputs()[0].shape[1])
        return self._net().get_ensemble_size()

    @torch.no_grad()
    def _say(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Emotions (n, branches, 8) and affect (n, branches, 2), on the CPU."""
        if self.ort_session is not None:
            return onnx_esr.said(self.ort_session, faces)
        net = self._net().eval()
        emotions, of_affect = net.said(faces.to(next(net.parameters()).device))
        return emotions.cpu(), of_affect.cpu()

    def _where(self) -> torch.device:
        if self.device == "cpu":
            return torch.device("cpu")
        return torch.device("cuda", self.device_ind if isinstance(self.device_ind, int) else self.device_ind[0])

    def _gpu(self) -> contextlib.AbstractContextManager[Any]:
        """In which training takes the learner's GPU for the GPU."""
        return contextlib.nullcontext() if self.device == "cpu" else torch.cuda.device(self._where())


def _device(name: str) -> str:
    if name == "cuda" and not torch.cuda.is_available():
        print("mien: note: device cuda: torch sees no GPU here, the CPU is used", file=sys.stderr)  # noqa: T201
        return "cpu"
    return pick_device(name).type
