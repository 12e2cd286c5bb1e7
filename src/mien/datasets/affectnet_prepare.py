"""AffectNet as it is published -> the folders of 96 x 96 faces that ESR-9 and OpenDR learn from.

The layout of Siqueira et al. 2020: {Training_Labeled,Training_Unlabeled,Validation}/<id // 500>/0000012s3s653s-120.jpg.
Training_Unlabeled holds the rows that a machine annotated. The published preparation takes a picture's rows by face_x
and its columns by face_y; here face_y counts rows. It also counts only pictures that could be read; here a face is
called by its row in the table, so that a picture found later moves no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from mien.datasets import affectnet_arrays
from mien.datasets.affectnet import AUTOMATIC, SPLITS
from mien.datasets.affectnet_csv import split_of
from mien.datasets.affectnet_prepare_arrays import is_later_release, of_folder
from mien.datasets.affectnet_prepare_picture import KEPT, MADE, Batch, Face, Outcome, face_name
from mien.datasets.affectnet_prepare_pool import outcomes
from mien.datasets.affectnet_prepare_report import Settings, Skip, begin, write_skipped
from mien.datasets.affectnet_prepare_result import BROKEN, FAULTS, LABEL, Prepared, PreparedSet
from mien.datasets.affectnet_prepare_rows import FOLDERS, Rows
from mien.datasets.affectnet_prepare_tables import of_table, tables_below
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.errors import MienError
from mien.labels import CODES, EMOTIONS

SIDE = 96
_BATCH = 64  # pictures a task: some tenths of a second, which is what Ctrl-C waits for
_OTHERS = frozenset(code for code, name in CODES["affectnet"].items() if name not in EMOTIONS)

Progress = Callable[[int, int], None]


def prepare(
    root: str | Path,
    out: str | Path,
    *,
    table: str | Path | None = None,
    split: str | None = None,
    newer: bool = False,
    side: int = SIDE,
    stretch: bool = False,
    emotions_only: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> Prepared:
    """Make the faces that are missing in `out`; called again it goes on where it was stopped.

    Every row's face is the square around its box (side: the box's height), as mien cuts it from the release itself;
    what lies outside the picture repeats its border. Rows that AffectNet codes 8 to 10 (none, uncertain, no face) are
    made too, as the published preparation does: readers leave them out by their names.

    Args:
        root: the release: tables beside folders of pictures, or train_set and val_set.
        out: folder of the faces, of `prepare-affectnet.csv` (rows without one, and why) and `prepare-affectnet.json`.
        table: one table instead of all in `root`, from wherever.
        split: "training", "validation" or "automatic": of that table where its name does not tell, else the only one
            to prepare.
        newer: take train_set and val_set, whose pictures are faces already, also where tables stand beside them.
        side: of the faces in pixels.
        stretch: the box itself brought to a square, as the published preparation does.
        emotions_only: skip rows coded 8 to 10.
        workers: processes; with more than one, a script must call this inside `if __name__ == "__main__":`.
        progress: told rows done and rows in all.

    Raises:
        MienError: nothing to prepare, no picture at all, faces in `out` that were made otherwise, or no room.
        KeyboardInterrupt: as it comes; what is made stays.
    """
    if side < 1 or workers < 1:
        raise MienError(f"side {side}, workers {workers}: give numbers of 1 or more")
    root, out = Path(root).expanduser(), Path(out).expanduser()
    sets = _sets(root, None if table is None else Path(table).expanduser(), _splits(split), newer)
    return _prepare(sets, out, Settings(side, stretch), emotions_only, workers, progress)


def pre_process_affect_net(
    base_path_to_images: str | Path,
    base_path_to_annotations: str | Path,
    base_destination_path: str | Path,
    set_index: int,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Prepared:
    """What OpenDR's function of this name does, but for rows and columns of the face, which it takes for each other.

    The box itself is brought to 96 x 96, whatever its proportions.

    Args:
        base_path_to_images: folder of Manually_Annotated_extracted and Automatically_Annotated_extracted (pictures
            without folders), or of Manually_Annotated_Images and Automatically_Annotated_Images.
        base_path_to_annotations: folder of automatically_annotated.csv, training.csv, validation.csv; ESR calls the
            last two Manually_training.csv and Manually_validation.csv.
        base_destination_path: folder of Training_Unlabeled, Training_Labeled and Validation, made where it is missing.
        set_index: 0 annotated by a machine, 1 training, 2 validation.
        workers, progress: as of `prepare`.

    Raises:
        MienError: another index, no such table, or as `prepare`.
    """
    splits = (AUTOMATIC, TRAINING, VALIDATION)
    if set_index not in range(len(splits)):
        raise MienError(f"set_index {set_index!r}: 0 (annotated by a machine), 1 (training) or 2 (validation)")
    names = (("automatically_annotated.csv",), ("training.csv", "Manually_training.csv"),
             ("validation.csv", "Manually_validation.csv"))[set_index]  # fmt: skip
    folder = Path(base_path_to_annotations)
    table = next((folder / name for name in names if (folder / name).is_file()), None)
    if table is None:
        raise MienError(f"{folder}: no {names[0]}: give the folder of AffectNet's tables")
    rows = of_table(table, Path(base_path_to_images), splits[set_index])
    return _prepare([rows], Path(base_destination_path), Settings(SIDE, stretch=True), False, workers, progress)


def _splits(word: str | None) -> tuple[str, ...]:
    if word is None:
        return SPLITS
    found = tuple(split for split in SPLITS if split.lower() == word.lower())
    if not found:
        raise MienError(f"set {word!r}: one of {', '.join(split.lower() for split in SPLITS)}")
    return found


def _sets(root: Path, table: Path | None, splits: Sequence[str], newer: bool) -> list[Rows]:
    """What is to be prepared, training first."""
    if not root.is_dir():
        raise MienError(f"{root}: no such folder: give the one that AffectNet was unpacked to")
    if table is not None:
        if newer:
            raise MienError(f"{table}: the later release has no tables: leave --csv or --newer out")
        return [of_table(table, root, splits[0] if len(splits) == 1 else split_of(table))]
    tables = {} if newer else tables_below(root, splits)
    if tables:
        return [of_table(path, root, split) for path, split in tables.items()]
    if is_later_release(root):
        folders = [
            name for name, split in affectnet_arrays.SPLITS.items() if split in splits and (root / name).is_dir()
        ]
        if folders:
            return [of_folder(root, name) for name in folders]
    asked = "" if len(splits) > 1 else f" of {splits[0]}"
    if newer:
        raise MienError(f"{root}: no train_set/annotations or val_set/annotations{asked}: give their folder")
    raise MienError(
        f"{root}: no table{asked} (training.csv, validation.csv, automatically_annotated.csv) and no train_set or"
        " val_set: give AffectNet's folder, or a table by --csv"
    )


def _prepare(
    sets: Sequence[Rows], out: Path, settings: Settings, emotions_only: bool, workers: int, progress: Progress | None
) -> Prepared:
    begin(out, settings, sets)
    left = _OTHERS if emotions_only else frozenset()
    wanted = [[row for row in range(len(rows)) if row not in rows.broken and int(rows.codes[row]) not in left]
              for rows in sets]  # fmt: skip
    total, done = sum(map(len, sets)), sum(map(len, sets)) - sum(map(len, wanted))
    batches = chain.from_iterable(_batches(*one, out, settings) for one in zip(sets, wanted, strict=True))
    results: list[Outcome] = []
    with closing(outcomes(batches, min(workers, max(1, -(-total // _BATCH))))) as found:
        for part in found:
            results += part
            if progress:
                progress(done + len(results), total)
    (out / FOLDERS[TRAINING]).mkdir(exist_ok=True)  # by which readers know the layout, be it empty
    prepared, skips, start = [], [], 0
    for rows, asked in zip(sets, wanted, strict=True):
        stop = start + len(asked)
        one, without = _counted(rows, dict(zip(asked, results[start:stop], strict=True)))
        prepared.append(one)
        skips += without
        start = stop
    report = write_skipped(out, skips, sets)
    _check_any(prepared, sets, report)
    return Prepared(out, report, settings.side, settings.stretch, tuple(prepared))


def _batches(rows: Rows, wanted: Sequence[int], out: Path, settings: Settings) -> Iterator[Batch]:
    target = str(out / FOLDERS[rows.split])
    for start in range(0, len(wanted), _BATCH):
        faces = [_face(rows, row) for row in wanted[start : start + _BATCH]]
        yield Batch(rows.folders, target, settings.side, settings.stretch, faces)


def _face(rows: Rows, row: int) -> Face:
    valence, arousal = rows.affect[row].tolist()
    name = face_name(int(rows.number[row]), int(rows.codes[row]), valence, arousal)
    if rows.box is None:
        return Face(rows.paths[row], name, None)
    left, top, right, bottom = rows.box[row].tolist()
    return Face(rows.paths[row], name, (left, top, right, bottom))


def _counted(rows: Rows, results: dict[int, Outcome]) -> tuple[PreparedSet, list[Skip]]:
    """A set's counts, and its rows without a face in order."""
    skips, counts = [], Counter[str]()
    for row, path in enumerate(rows.paths):
        if row in rows.broken:
            found = Outcome(BROKEN, rows.broken[row])
        else:
            found = results.get(row, Outcome(LABEL, CODES["affectnet"][int(rows.codes[row])]))
        counts[found.word] += 1
        if found.word not in (MADE, KEPT):
            skips.append(Skip(rows.source, row, path, found.word, found.detail))
    skipped = {reason: counts[reason] for reason in (*FAULTS, LABEL) if counts[reason]}
    folder = FOLDERS[rows.split]
    return PreparedSet(rows.split, rows.source, folder, len(rows), counts[MADE], counts[KEPT], skipped), skips


def _check_any(prepared: Collection[PreparedSet], sets: Sequence[Rows], report: Path) -> None:
    """Raise MienError where not a single face is there."""
    if not any(one.made or one.kept for one in prepared):
        first, rows = next(iter(prepared)), sets[0]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in first.skipped.items())
        raise MienError(
            f"{rows.source}: no face of {len(rows):,} rows ({reasons}; pictures were looked for in"
            f" {', '.join(rows.folders)}): see {report}"
        )
