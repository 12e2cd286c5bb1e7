"""What goes wrong because of what was handed in, as opposed to a bug of ours."""

from __future__ import annotations


class MienError(Exception):
    """Bad input: one line that names the file, the place in it, and the remedy. The CLI exits with 2."""


class MissingExtraError(MienError):
    """A command whose optional packages are not installed."""

    def __init__(self, what: str, extra: str, package: str) -> None:
        super().__init__(f"{what} needs {package}, which is not installed: pip install 'mien[{extra}]'")
        self.extra = extra
        self.package = package
