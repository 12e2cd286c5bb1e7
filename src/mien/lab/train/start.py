"""`init`: a run that starts where another ended."""

from __future__ import annotations

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet
from mien.lab.predict import weights_of
from mien.lab.train.checkpoint import load_weights
from mien.model_spec import Head


def start_from(net: FaceNet, heads: tuple[Head, ...], path: str) -> list[str]:
    """Load a run's trunk into a network, and its heads where they say the same things.

    Args:
        path: a run folder or a .safetensors file.

    Returns:
        The keys that were left as they were initialised: the heads', or none.

    Raises:
        MienError: no such file, or a trunk that does not fit, with the first key.
    """
    file = weights_of(path)
    tensors, spec = load_weights(file)
    own = net.state_dict()
    same = [(h.labels, h.kind, h.members) for h in spec.heads] == [(h.labels, h.kind, h.members) for h in heads]
    of_head = set() if same else net.head_keys() | net.side_keys()
    loaded = {}
    for key, tensor in own.items():
        if key in of_head:
            continue
        if key not in tensors:
            raise MienError(f"init = {path!r}: {file.name} lacks {key}; it holds {spec.architecture}, another network")
        if tensors[key].shape != tensor.shape:
            raise MienError(
                f"init = {path!r}: {key} is {tuple(tensors[key].shape)}, this recipe's is {tuple(tensor.shape)};"
                " take the model.options of that run"
            )
        loaded[key] = tensors[key]
    for key in sorted(set(tensors) - set(own)):
        raise MienError(
            f"init = {path!r}: {file.name} holds {key}, which this network lacks; take the model.options of that run"
        )
    net.load_state_dict(loaded, strict=False)
    return sorted(of_head)
