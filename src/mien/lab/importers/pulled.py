"""From the files of a download to a model that is found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mien.lab.export.generator import export_generator
from mien.lab.export.onnx import export_run
from mien.lab.importers.imported import Options
from mien.lab.importers.recognise import import_weights
from mien.model_spec import ModelSpec
from mien.runtime.downloads import Download, folder
from mien.runtime.expression_space import is_generator


def make_model(wanted: Download, files: Sequence[Path], options: Options) -> tuple[Path, ModelSpec]:
    """Import the files and export them, a generator as what `mien edit` opens.

    The model is put in its place when it is whole, so that one that stands there can be used.

    Returns:
        the file that the name stands for, and its ModelSpec.

    Raises:
        MienError: files that do not fit, or an export that differs from torch.
    """
    for key, value in wanted.options.items():
        if not getattr(options, key):
            options = replace(options, **{key: value})
    home, name = folder(wanted.name), wanted.name
    weights = home / "unfinished" / f"{name}.safetensors"
    spec = import_weights(
        files[0] if len(files) == 1 else files[0].parent,
        weights,
        name=name,
        importer=wanted.importer,
        options=options,
        licence=wanted.licence,
        source=wanted.page,
    )
    made = weights.with_suffix(".onnx")
    export = export_generator if is_generator(spec) else export_run
    spec = export(weights, made, name=name)
    weights.replace(home / weights.name)
    made.replace(home / made.name)
    weights.parent.rmdir()
    return home / made.name, spec
