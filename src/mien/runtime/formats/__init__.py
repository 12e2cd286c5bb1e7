"""The table in files: CSV, Parquet, JSON, py-feat's Fex and OpenFace's columns. Importing registers all."""

from __future__ import annotations

from mien.runtime.formats import csv, fex, json, openface, parquet
from mien.runtime.formats.registry import Header, Mark, Writer, format_of, formats, open_writer

__all__ = ["Header", "Mark", "Writer", "format_of", "formats", "open_writer"]

_REGISTERED = (csv, parquet, json, fex, openface)
