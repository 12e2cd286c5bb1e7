"""A folder of made pictures as it is written: whole Parquet shards, and variants.json that says what belongs there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mien import __version__
from mien.datasets.variants import FILE, FORMAT, VERSION, is_variants_folder, parquet, read_facts, shard_name
from mien.errors import MienError

PER_SHARD = 4096
"""Pictures that are planned for a shard; fewer stand in it where a judge refused some."""


class Shards:
    """The folder of one plan. Opening it writes variants.json, or finds there what an earlier call wrote.

    Args:
        folder: made where there is none; must be empty but for what an earlier call made.
        settings: everything that decides what is made; JSON-able.
        planned: pictures of the plan.
        per_shard: of them a shard.

    Raises:
        MienError: a folder of other things, of other settings (the first that differs is named), or that cannot be
            written.
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], planned: int, *, per_shard: int = PER_SHARD) -> None:
        with parquet(folder):
            pass  # told before anything is made
        self.folder, self.planned, self.per_shard = folder, planned, per_shard
        self.settings: dict[str, Any] = json.loads(json.dumps(settings))  # as it is read back: lists, no tuples
        self.count = -(-planned // per_shard)
        facts = {"format": FORMAT, "version": VERSION, "mien": __version__, "planned": planned}
        facts |= {"per_shard": per_shard, "shards": self.count, "settings": self.settings}
        try:
            if folder.exists():
                self._check()
            if not is_variants_folder(folder):
                folder.mkdir(parents=True, exist_ok=True)
                _replace(folder / FILE, (json.dumps(facts, indent=2) + "\n").encode())
        except OSError as error:
            raise MienError(f"{folder}: {error.strerror or error}; choose an --out that can be written") from error

    def path(self, number: int) -> Path:
        return self.folder / shard_name(number)

    def range(self, number: int) -> tuple[int, int]:
        """The plan's pictures start .. stop that a shard is made of."""
        return number * self.per_shard, min((number + 1) * self.per_shard, self.planned)

    def missing(self) -> list[int]:
        """Shards that are still to be made; one that is damaged or of something else counts as missing."""
        return [number for number in range(self.count) if not self._whole(number)]

    def write(self, number: int, columns: Mapping[str, list[Any]]) -> None:
        """Write a shard so that it stands there whole or not at all.

        Args:
            columns: image (PNG bytes), label, made_from, variant, emotion_from, source, x, y, z where codes have
                three coordinates, and probability where a judge gave one; all of one length.

        Raises:
            MienError: a place that cannot be written.
        """
        import pyarrow as pa

        paths = [f"{row}_{n}.png" for row, n in zip(columns["made_from"], columns["variant"], strict=True)]
        picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        image = [{"bytes": data, "path": path} for data, path in zip(columns["image"], paths, strict=True)]
        arrays = {"image": pa.array(image, picture), "label": pa.array(columns["label"], pa.string())}
        arrays["usage"] = pa.array(["Training"] * len(paths), pa.string())
        types = {"made_from": pa.int64(), "variant": pa.int32(), "emotion_from": pa.string(), "source": pa.string()}
        types |= {name: pa.float32() for name in ("x", "y", "z", "probability")}
        arrays |= {name: pa.array(columns[name], kind) for name, kind in types.items() if name in columns}
        about = json.dumps({"settings": self.settings, "shard": number})
        table = pa.table(arrays).replace_schema_metadata({FORMAT: about})
        part = self.folder / f"{shard_name(number)}.{os.getpid()}.part"
        with parquet(part) as pq:
            pq.write_table(table, part, compression="zstd", row_group_size=self.per_shard)
            _settle(part)
            part.replace(self.path(number))

    def tidy(self) -> None:
        """Remove what killed runs left half-written."""
        for part in self.folder.glob("variants*.part"):
            part.unlink(missing_ok=True)

    def counts(self) -> dict[str, int]:
        """Pictures by emotion in the shards that are there."""
        found: dict[str, int] = {}
        for number in range(self.count):
            path = self.path(number)
            if path.is_file():
                with parquet(path) as pq:
                    column = pq.read_table(path, columns=["label"]).column("label")
                for one in column.value_counts().to_pylist():
                    found[one["values"]] = found.get(one["values"], 0) + one["counts"]
        return found

    def _check(self) -> None:
        if not self.folder.is_dir():
            raise MienError(f"{self.folder}: not a folder; choose another --out")
        if not is_variants_folder(self.folder):
            others = [path.name for path in self.folder.iterdir() if not path.match("variants*.part")]
            if others:
                raise MienError(f"{self.folder}: holds {sorted(others)[0]} and no {FILE}; choose an empty --out")
            return
        facts = read_facts(self.folder)
        there = facts["settings"] | {"planned": facts["planned"], "per_shard": facts.get("per_shard")}
        asked = self.settings | {"planned": self.planned, "per_shard": self.per_shard}
        for key, was, now in _differences(there, asked):
            raise MienError(f"{self.folder}: made with {key} {was}, not {now}; take the same settings or another --out")

    def _whole(self, number: int) -> bool:
        path = self.path(number)
        if not path.is_file():
            return False
        try:
            with parquet(path) as pq:
                stored = json.loads(pq.read_schema(path).metadata[FORMAT.encode()])
        except (MienError, KeyError, TypeError, ValueError):
            return False
        return bool(stored == {"settings": self.settings, "shard": number})


def _differences(there: Mapping[str, Any], asked: Mapping[str, Any], where: str = "") -> list[tuple[str, str, str]]:
    """(key, what it was, what it is) of every setting that differs, the inner keys of tables written a.b."""
    found = []
    for key in dict.fromkeys((*asked, *there)):
        was, now = there.get(key), asked.get(key)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            found += _differences(was, now, f"{where}{key}.")
        elif was != now:
            found.append((f"{where}{key}", _told(was), _told(now)))
    return found


def _told(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:16]}..."


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    _settle(part)
    part.replace(path)


def _settle(path: Path) -> None:
    """Onto the disk: a name must not come to stand over bytes that a power cut then takes."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
