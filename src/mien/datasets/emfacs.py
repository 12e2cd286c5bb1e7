"""Emotions from the action units that show them, by EMFACS (Friesen and Ekman 1983); see `labels.EMFACS`.

Of the prototypes that a face shows, the one with most units says the emotion: fear holds all units of surprise.
Where the longest are of two emotions the face is a blend and has none. A prototype that needs a unit which is not
known is not shown. Units beside a prototype's own do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED, FaceSet, one_hot
from mien.datasets.units import OCCURRENCE, occurrence
from mien.errors import MienError
from mien.labels import EMFACS, EMOTIONS, emotion_index

Rules = Mapping[str, Sequence[Sequence[str]]]
"""Emotion -> prototypes -> units."""

SCHEME = "emfacs"
WITH_NEUTRAL = f"{SCHEME}+neutral"
ONE = f"{SCHEME}-"
"""Before an emotion: that one against all else."""
NOT = "not_"
"""Before an emotion: the name of all else."""
NEUTRAL = "neutral"


def is_derived(scheme: str) -> bool:
    """Whether a scheme is one that `with_emfacs` makes."""
    return scheme in (SCHEME, WITH_NEUTRAL) or scheme.startswith(ONE)


def derive(faces: FaceSet, rules: Rules = EMFACS, *, neutral: bool = False) -> NDArray[np.int64]:
    """(n,) position in `labels.EMOTIONS` of the emotion that each face's units show, -1 for none or a blend.

    Args:
        neutral: a face is neutral whose units, all that the set codes, are known and not shown. EMFACS has no
            such rule.
    """
    owners = np.array([emotion_index(emotion) for emotion, prototypes in rules.items() for _ in prototypes], np.int64)
    sizes = np.array([len(set(units)) for prototypes in rules.values() for units in prototypes], np.int64)
    size = np.where(_shown(faces, rules) == 1, sizes, 0)
    longest = size.max(axis=1, initial=0)
    of_longest = (size == longest[:, None]) & (size > 0)
    first = np.where(of_longest, owners, len(EMOTIONS)).min(axis=1, initial=len(EMOTIONS))
    last = np.where(of_longest, owners, -1).max(axis=1, initial=-1)
    out = np.where(first == last, first, UNLABELLED)
    if neutral and faces.action_units:
        codes = occurrence(faces)
        coded = ~np.isnan(codes).all(axis=0)
        out[(codes[:, coded] == 0).all(axis=1) & coded.any()] = EMOTIONS.index(NEUTRAL)
    return out.astype(np.int64)


def shows(faces: FaceSet, emotion: str, rules: Rules = EMFACS) -> NDArray[np.float32]:
    """(n,) 1 where a face shows one of the emotion's prototypes, 0 where each lacks a unit, NaN where it is not known.

    Raises:
        MienError: an emotion that the rules do not have.
    """
    own = {name: prototypes for name, prototypes in rules.items() if emotion_index(name) == emotion_index(emotion)}
    if not own:
        raise MienError(f"{emotion}: no rule says which units show it; there are {', '.join(rules)}")
    found = _shown(faces, own)
    any_shown, all_ruled_out = (found == 1).any(axis=1), (found == 0).all(axis=1)
    return np.where(any_shown, 1, np.where(all_ruled_out, 0, np.nan)).astype(np.float32)


def with_emfacs(faces: FaceSet, scheme: str = SCHEME, rules: Rules = EMFACS) -> FaceSet:
    """A copy with emotions by its units as another label scheme.

    Args:
        scheme: `emfacs`: the emotion that `derive` says; `emfacs+neutral`: with its rule for neutral;
            `emfacs-happiness` and so on: that emotion against all else, as `shows` says, whatever else the face
            shows. All else is an equal share of every other emotion, which `classes_of` makes one class.

    Raises:
        MienError: another scheme, a set without units, or one in which no face gets a label.
    """
    if not is_derived(scheme):
        raise MienError(f"{scheme}: derive {SCHEME}, {WITH_NEUTRAL} or {ONE}EMOTION")
    if OCCURRENCE not in faces.targets or not faces.action_units:
        raise MienError(f"{faces.name}: no action units to derive emotions from; give a set that codes them")
    if scheme.startswith(ONE):
        target = _against(faces, scheme.removeprefix(ONE), rules)
    else:
        found = derive(faces, rules, neutral=scheme == WITH_NEUTRAL)
        target = one_hot(found, tuple(EMOTIONS[k] for k in np.unique(found[found >= 0])))
    if np.isnan(target).all():
        absent = [f"{emotion} ({'+'.join(units)})" for emotion, units in not_coded(faces, rules).items()]
        why = f": it does not code units of {', '.join(absent)}" if absent else ""
        raise MienError(
            f"{faces.name}: no face gets a label by {scheme}{why}; give a set that codes them, or other rules"
        )
    return faces.replace(targets={**faces.targets, scheme: target})


def with_derived(faces: FaceSet, schemes: Iterable[str]) -> FaceSet:
    """A copy with those of the schemes that are derived from units and are not there yet; others change nothing.

    Raises:
        MienError: as `with_emfacs`.
    """
    for scheme in schemes:
        if is_derived(scheme) and scheme not in faces.targets:
            faces = with_emfacs(faces, scheme)
    return faces


def merge_of(scheme: str) -> dict[str, list[str]]:
    """How a scheme of one emotion against all else is learnt: `not_happiness` -> all but happiness; {} for others."""
    if not scheme.startswith(ONE):
        return {}
    emotion = EMOTIONS[emotion_index(scheme.removeprefix(ONE))]
    return {NOT + emotion: [name for name in EMOTIONS if name != emotion]}


def not_coded(faces: FaceSet, rules: Rules = EMFACS) -> dict[str, tuple[str, ...]]:
    """Emotions that no face can show, since each prototype needs a unit that is known of no face -> such units."""
    unknown = np.asarray(np.isnan(occurrence(faces)).all(axis=0))
    have = {unit for unit, none in zip(faces.action_units, unknown.tolist(), strict=True) if not none}
    lacking = {emotion: [[u for u in units if u not in have] for units in of] for emotion, of in rules.items()}
    return {
        emotion: tuple(sorted({unit for units in of for unit in units})) for emotion, of in lacking.items() if all(of)
    }


def units_of(prototypes: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The units of an emotion's prototypes, each once, in their order."""
    return tuple(dict.fromkeys(unit for units in prototypes for unit in units))


def _shown(faces: FaceSet, rules: Rules) -> NDArray[np.float32]:
    """(n, p) 1 where all units of a prototype are shown, 0 where one is known not to be, else NaN."""
    wanted = [units for prototypes in rules.values() for units in prototypes]
    out = np.zeros((len(faces), len(wanted)), np.float32)
    for at, units in enumerate(wanted):
        codes = occurrence(faces, units)
        out[:, at] = np.where((codes == 0).any(axis=1), 0, codes.min(axis=1))  # the least of NaN and 1 is NaN
    return out


def _against(faces: FaceSet, emotion: str, rules: Rules) -> NDArray[np.float32]:
    """(n, 8) one emotion, or equal shares of the others, or NaN."""
    one = emotion_index(emotion)
    found = shows(faces, emotion, rules)
    out = np.repeat(((1 - found) / (len(EMOTIONS) - 1))[:, None], len(EMOTIONS), axis=1)
    out[:, one] = found
    return out.astype(np.float32)
