"""The only file that spells emotions, action units, valence and arousal.

Every data set's codes and spellings are mapped here onto one vocabulary, by name and never by position:
alphabetical folder order is not FER2013's CSV order, and FER+ counts its votes in a third one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mien.errors import MienError

EMOTIONS: tuple[str, ...] = (
    "anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt",
)  # fmt: skip
"""The eight emotions, in the order they stand in everywhere a person sees them."""

SEVEN: tuple[str, ...] = EMOTIONS[:7]
"""The seven of FER2013, which has no contempt. Its CSV codes 0..6 follow this very order."""

UNKNOWN, NOT_A_FACE = "unknown", "not_a_face"
VOTE_COLUMNS: tuple[str, ...] = (*EMOTIONS, UNKNOWN, NOT_A_FACE)
"""Columns of a FaceSet's votes: the eight emotions in our order, then the two ways of not saying one."""

AFFECT: tuple[str, ...] = ("valence", "arousal")

NO_UNIT = "none"
"""The column of a face that shows none of a head's action units."""

ACTION_UNITS: Mapping[str, str] = MappingProxyType({
    "AU01": "inner brow raiser", "AU02": "outer brow raiser", "AU04": "brow lowerer",
    "AU05": "upper lid raiser", "AU06": "cheek raiser", "AU07": "lid tightener",
    "AU09": "nose wrinkler", "AU10": "upper lip raiser", "AU11": "nasolabial deepener",
    "AU12": "lip corner puller", "AU13": "cheek puffer", "AU14": "dimpler",
    "AU15": "lip corner depressor", "AU16": "lower lip depressor", "AU17": "chin raiser",
    "AU18": "lip puckerer", "AU20": "lip stretcher", "AU22": "lip funneler", "AU23": "lip tightener",
    "AU24": "lip pressor", "AU25": "lips part", "AU26": "jaw drop", "AU27": "mouth stretch",
    "AU28": "lip suck", "AU43": "eyes closed", "AU45": "blink",
    "AU51": "head turn left", "AU52": "head turn right", "AU53": "head up", "AU54": "head down",
    "AU55": "head tilt left", "AU56": "head tilt right",
})  # fmt: skip

EMFACS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType({
    "anger": (("AU04", "AU05", "AU07", "AU23"),),
    "disgust": (("AU09", "AU15", "AU16"),),
    "fear": (("AU01", "AU02", "AU04", "AU05", "AU07", "AU20", "AU26"),),
    "happiness": (("AU06", "AU12"),),
    "sadness": (("AU01", "AU04", "AU15"),),
    "surprise": (("AU01", "AU02", "AU05", "AU26"),),
    "contempt": (("AU12", "AU14"),),
})  # fmt: skip
"""Emotion -> combinations of units that show it, by EMFACS (Friesen and Ekman 1983) as commonly tabulated.

The tables also ask for an intensity of B for surprise's AU05, and for contempt on one side of the face alone: data
sets code no sides, and a smile with dimples on both sides matches too.
"""

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "anger": ("angry", "an", "ang"),
    "disgust": ("disgusted", "di", "dis"),
    "fear": ("fearful", "afraid", "scared", "fe", "fea"),
    "happiness": ("happy", "joy", "ha", "hap"),
    "sadness": ("sad", "sa"),
    "surprise": ("surprised", "su", "sur", "suprise"),
    "neutral": ("neutrality", "ne", "neu"),
    "contempt": ("contemptuous", "co", "con"),
    UNKNOWN: ("uncertain",),
    NOT_A_FACE: ("nf", "not-a-face", "notaface", "no-face", "noface", "no face"),
}
_BY_SPELLING = {s: name for name, others in _SPELLINGS.items() for s in (name, *others)}


def _codes(start: int, *names: str) -> Mapping[int, str]:
    return MappingProxyType(dict(enumerate(names, start)))


CODES: Mapping[str, Mapping[int, str]] = MappingProxyType({
    "fer2013": _codes(0, *SEVEN),
    "affectnet": _codes(
        0, "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt",
        "none", UNKNOWN, NOT_A_FACE,
    ),
    "ckplus": _codes(
        0, "neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"
    ),
    "ck48": _codes(0, "anger", "disgust", "fear", "happiness", "sadness", "surprise", "contempt"),
    "rafdb": _codes(1, "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"),
    # torchvision's ImageFolder numbers class folders alphabetically: 4, 5 and 6 differ from the CSV
    "fer2013_folders": _codes(
        0, "anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"
    ),
})  # fmt: skip
"""Integer codes -> names, by data set. The numbers mean other things in each."""

FERPLUS_COLUMNS: tuple[str, ...] = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
    UNKNOWN, NOT_A_FACE,
)  # fmt: skip
"""The order of the ten vote columns in FER+'s own files."""

JAFFE_CODES: Mapping[str, str] = MappingProxyType({
    "AN": "anger", "DI": "disgust", "FE": "fear", "HA": "happiness",
    "NE": "neutral", "SA": "sadness", "SU": "surprise",
})  # fmt: skip


def emotion(spelling: str) -> str:
    """Our name for any spelling in use (`Happy`, `sad`, `NF`): an emotion, unknown or not a face.

    Raises:
        MienError: a word that no data set uses for an emotion.
    """
    name = _BY_SPELLING.get(spelling.strip().lower())
    if name is None:
        raise MienError(f"unknown emotion {spelling!r}: one of {', '.join(EMOTIONS)}")
    return name


def emotion_index(spelling: str) -> int:
    """Position in EMOTIONS of any spelling of an emotion.

    Raises:
        MienError: no emotion (also for `unknown` and `not_a_face`, which have votes but no position).
    """
    name = emotion(spelling)
    if name not in EMOTIONS:
        raise MienError(f"{spelling!r} is not an emotion: one of {', '.join(EMOTIONS)}")
    return EMOTIONS.index(name)


def from_code(scheme: str, code: int) -> str:
    """The name of a data set's integer code.

    Raises:
        MienError: a scheme we do not know, or a code that the scheme does not have.
    """
    if scheme not in CODES:
        raise MienError(f"unknown label scheme {scheme!r}: one of {', '.join(CODES)}")
    codes = CODES[scheme]
    if code not in codes:
        raise MienError(f"unknown label {code} for {scheme}: {min(codes)} to {max(codes)}")
    return codes[code]


def action_unit(spelling: str | int) -> str:
    """`AU06` for `6`, `'AU 6'`, `au6`, `AU06_r` and the like, listed or not.

    Raises:
        MienError: no number in it.
    """
    text = str(spelling).strip().strip("'\"").upper().removeprefix("AU").strip().split("_")[0]
    if not text.isdigit():
        raise MienError(f"unknown action unit {spelling!r}: write it as AU06 or 6")
    return f"AU{int(text):02d}"
