"""Which labels a command counts, and which rows the user leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.face_set import FaceSet
    from mien.datasets.index import Index

NO_LABEL = "unlabelled"


def loaded(
    path: str,
    ferplus: Path | None,
    labels: str | None,
    drop: Sequence[str],
    exclude: Path | None,
    *,
    bare: bool = False,
) -> tuple[FaceSet, Index, str]:
    """A data set without the rows that are left out, the index of its rows, and the scheme to count by.

    Args:
        bare: a set without emotions will do, unless labels are asked for or dropped; its scheme is "".

    Raises:
        MienError: what cannot be read, labels that are not there, or no rows left.
    """
    import numpy as np

    from mien.datasets.emfacs import with_derived
    from mien.datasets.load import load_indexed
    from mien.errors import MienError
    from mien.evaluate.exclusions import read_exclusions

    gone = dropped(drop)
    faces, index = load_indexed(path, ferplus=ferplus)
    faces = with_derived(faces, [labels] if labels else [])
    bare = bare and not labels and not gone and not labelled_schemes(faces)
    scheme = "" if bare else scheme_of(faces, labels, ferplus)
    rows = np.ones(len(faces), np.bool_) if bare else kept_rows(faces, scheme, gone)
    if exclude:
        rows &= ~read_exclusions(exclude, len(faces))
    if rows.all():
        return faces, index, scheme
    if not rows.any():
        raise MienError(f"{path}: no rows left: drop fewer emotions, or exclude fewer rows")
    return faces.select(rows), index.select(rows), scheme


def labelled_schemes(faces: FaceSet) -> list[str]:
    """The emotion schemes that some row has a label of."""
    import numpy as np

    return [scheme for scheme in faces.emotion_schemes if not np.isnan(faces.targets[scheme]).all()]


def scheme_of(faces: FaceSet, wanted: str | None, ferplus: Path | None) -> str:
    """The scheme asked for; else FER+ where its votes were given; else the set's first.

    Raises:
        MienError: a scheme that the set does not have, or none at all.
    """
    from mien.evaluate.label_scheme import chosen_scheme

    have = labelled_schemes(faces)
    return chosen_scheme(faces, "ferplus" if ferplus else (have or ["none"])[0], wanted)


def dropped(words: Sequence[str]) -> list[str]:
    """`["disgust,Fear", "unlabelled"]` -> emotions as we spell them, and `unlabelled`.

    Raises:
        MienError: a word that is no emotion.
    """
    from mien.labels import EMOTIONS, emotion_index

    names = [word.strip() for words_ in words for word in words_.split(",") if word.strip()]
    return [NO_LABEL if name.lower() == NO_LABEL else EMOTIONS[emotion_index(name)] for name in names]


def kept_rows(faces: FaceSet, scheme: str, drop: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) rows whose label is none of those left out."""
    import numpy as np

    from mien.labels import EMOTIONS

    gone = [-1 if name == NO_LABEL else EMOTIONS.index(name) for name in drop]
    return ~np.isin(faces.hard(scheme), gone)


def refuse_made(faces: FaceSet, path: str, why: str) -> None:
    """Raise where a set holds made pictures; `why` names the reason and the remedy."""
    from mien.errors import MienError

    if (faces.made_from >= 0).any():
        raise MienError(f"{path}: made pictures, which {why}")
