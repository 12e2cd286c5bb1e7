"""A video whose truth is known: three public-domain portraits moving on known paths, with crossings, a pillar and cuts.

Every shot lasts ten seconds. Two people cross, one in front of the other; the third walks behind a pillar. With each
cut the background, everybody's place and size, and who walks in front change. Frame times are uneven.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

import mien
from mien.faces import Faces
from mien.runtime.tracking.matching import pairs

UNIT = Fraction(1, 30_000)
SHOT = 10.0
"""Seconds between cuts."""
FACES = {  # centre and height of the face in the bundled picture, in pixels
    "eileen-collins": (223, 118, 113),
    "barack-obama": (315, 160, 206),
    "joe-biden": (342, 220, 246),
}
PEOPLE = tuple(FACES)
GREYS = ((92, 104, 110), (150, 128, 104), (70, 92, 70), (120, 110, 140), (168, 166, 160), (60, 62, 80))


@dataclass(frozen=True)
class Person:
    """Where somebody is in a frame.

    Attributes:
        name: of PEOPLE.
        x, y, height: centre and height of the face, in pixels.
        behind: whether somebody else or the pillar hides a part of the face.
    """

    name: str
    x: float
    y: float
    height: float
    behind: bool


def times(seconds: float) -> list[int]:
    """Uneven presentation times in UNIT: some 30 frames a second, from 24 to 60, with a pause now and then."""
    random, out, now = np.random.default_rng(8), [], 0
    while now < seconds * 30_000:
        out.append(now)
        now += int(random.choice([500, 1000, 1001, 1250])) if len(out) % 97 else 6000
    return out


def shot_of(time: float) -> int:
    return int(time // SHOT)


def people(time: float, width: int = 1280, height: int = 720) -> list[Person]:
    """Everybody in the frame at a time, from the back to the front."""
    shot = shot_of(time)
    t = (time - shot * SHOT) / SHOT  # 0..1 within the shot
    order = np.random.default_rng(shot).permutation(3)
    unit = height / 720
    swing = 0.5 - 0.5 * math.cos(2 * math.pi * t)  # there and back: two crossings a shot
    size = 150 + 40 * ((shot * 7) % 3)
    places = [
        (0.16 + 0.44 * swing, 0.46 + 0.05 * math.sin(9 * t + shot)),
        (0.60 - 0.44 * swing, 0.50 + 0.05 * math.cos(7 * t + shot)),
        (0.70 + 0.20 * (0.5 - 0.5 * math.cos(2 * math.pi * t)), 0.45),
    ]
    found = []
    for place, (x, y) in enumerate(places):
        name = PEOPLE[order[place]]
        grown = size * unit * (1 + 0.08 * math.sin(5 * t + place))
        found.append([name, x * width, y * height, grown])
    out = []
    for place, (name, x, y, grown) in enumerate(found):
        front = found[1 - place] if place == 0 else None  # the second walks in front of the first
        behind = front is not None and abs(front[1] - x) < 1.1 * grown
        if place == 2:
            behind = behind or abs(x - PILLAR * width) < (0.45 * grown + PILLAR_WIDTH * width / 2)
        out.append(Person(name, x, y, grown, behind))
    return out


PILLAR, PILLAR_WIDTH = 0.80, 0.13


def draw(time: float, width: int = 1280, height: int = 720) -> NDArray[np.uint8]:
    """The frame at a time: uint8 RGB (height, width, 3)."""
    shot = shot_of(time)
    image = background(shot, width, height).copy()
    for place, person in enumerate(people(time, width, height)):
        _paste(image, person, 6 * math.sin(2.2 * time + place), 1 + 0.05 * math.sin(3.1 * time + place))
    left = round((PILLAR - PILLAR_WIDTH / 2) * width)
    image[:, left : left + round(PILLAR_WIDTH * width)] = np.array(GREYS[(shot + 3) % len(GREYS)], np.uint8) // 2
    return image


@cache
def background(shot: int, width: int, height: int) -> NDArray[np.uint8]:
    random = np.random.default_rng(100 + shot)
    coarse = random.normal(0, 14, (9, 16, 3)) + GREYS[shot % len(GREYS)]
    smooth = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((smooth + random.normal(0, 3, (height, width, 1))).clip(0, 255), np.uint8)


@cache
def portrait(name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A bundled portrait and how much of each pixel is shown: an oval around the head, soft at its rim."""
    path = Path(mien.__file__).parent / "examples" / f"{name}.jpg"
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    x, y, size = FACES[name]
    mask = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(mask, (x, y), (round(0.62 * size), round(0.78 * size)), 0, 0, 360, 1.0, -1)
    return np.asarray(image, np.uint8), np.asarray(cv2.GaussianBlur(mask, (0, 0), size / 40), np.float32)


def _paste(image: NDArray[np.uint8], person: Person, angle: float, light: float) -> None:
    picture, mask = portrait(person.name)
    x, y, size = FACES[person.name]
    height, width = image.shape[:2]
    reach = round(person.height)
    turn = cv2.getRotationMatrix2D((x, y), angle, person.height / size)
    left, top = round(person.x) - reach, round(person.y) - reach
    turn[:, 2] += (person.x - left - x, person.y - top - y)
    box = (2 * reach, 2 * reach)
    seen = cv2.warpAffine(picture, turn, box, flags=cv2.INTER_AREA)
    alpha = cv2.warpAffine(mask, turn, box)[..., None]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + box[0], width), min(top + box[1], height)
    if x1 <= x0 or y1 <= y0:
        return
    inner = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    under = image[y0:y1, x0:x1]
    mixed = alpha[inner] * (seen[inner] * light) + (1 - alpha[inner]) * under
    under[:] = mixed.clip(0, 255).astype(np.uint8)


def frames(
    seconds: float, width: int = 1280, height: int = 720, first_shot: int = 0
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Presentation time in UNIT and picture of each frame."""
    for time in times(seconds):
        yield time, draw(time * float(UNIT) + first_shot * SHOT, width, height)


def write(path: Path, seconds: float, width: int = 1280, height: int = 720, first_shot: int = 0) -> list[int]:
    """Write the video as H.264, beginning with this shot; the presentation times of its frames, in UNIT."""
    written = []
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23", "g": "120"}
        stream.codec_context.time_base = UNIT
        for time, image in frames(seconds, width, height, first_shot):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = time, UNIT
            file.mux(stream.encode(frame))
            written.append(time)
        file.mux(stream.encode())
    return written


@dataclass
class Compared:
    """How what was found lies against the truth.

    Attributes:
        switches: shot -> how often somebody's id changed within it, all people together.
        missed: faces in full view that were not found.
        hidden: faces hidden in part or whole that were not found.
        stray: faces where nobody is.
        ids: shot -> person -> ids, in the order in which they were given.
    """

    switches: dict[int, int]
    missed: int
    hidden: int
    stray: int
    ids: dict[int, dict[str, list[int]]]


def compared(found: Iterable[Faces], width: int = 1280, height: int = 720, first_shot: int = 0) -> Compared:
    """Faces with ids, frame by frame, against the truth of their time in a video that begins with this shot."""
    out = Compared({}, 0, 0, 0, {})
    last: dict[tuple[int, str], int] = {}
    for faces in found:
        assert faces.time is not None
        assert faces.track is not None
        time = faces.time + first_shot * SHOT
        shot, there, seen = shot_of(time), people(time, width, height), set()
        out.switches.setdefault(shot, 0)
        whose = _whose(faces.boxes, there)
        out.stray += whose.count(None)
        for name, track in zip(whose, faces.track.tolist(), strict=True):
            if name is None:
                continue
            seen.add(name)
            before = last.setdefault((shot, name), track)
            out.switches[shot] += before != track
            last[shot, name] = track
            ids = out.ids.setdefault(shot, {}).setdefault(name, [])
            if track not in ids:
                ids.append(track)
        out.missed += sum(p.name not in seen and not p.behind for p in there)
        out.hidden += sum(p.name not in seen and p.behind for p in there)
    return out


AWAY, HIDDEN = 0.5, 0.25
"""Heights of a face that a box may be away from it, and by how much somebody half hidden counts as further away: where
two stand in one place and one box is found, it is the one in front."""


def _whose(boxes: NDArray[np.float32], there: list[Person]) -> list[str | None]:
    """The name of the person that each box (n, 4) belongs to, one to one by the least distances, or None."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    away = np.array([[math.hypot(x - p.x, y - p.y) / p.height for p in there] for x, y in centres])
    away = away.reshape(len(boxes), len(there))
    cost = np.where(away <= AWAY, away + [HIDDEN * p.behind for p in there], np.inf)
    out: list[str | None] = [None] * len(boxes)
    for box, person in pairs(cost):
        out[box] = there[person].name
    return out
