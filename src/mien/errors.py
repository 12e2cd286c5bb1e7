"""What goes wrong because of what was handed in, as opposed to a bug of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MienError(Exception):
    """Bad input: one line that names the file, the place in it, and the remedy. The CLI exits with 2."""


class MissingExtraError(MienError):
    """A command whose optional packages are not installed."""

    def __init__(self, what: str, extra: str, package: str) -> None:
        super().__init__(f"{what} needs {package}, which is not installed: pip install 'mien[{extra}]'")
        self.extra = extra
        self.package = package


@contextmanager
def needing(what: str, extra: str, package: str = "torch") -> Iterator[None]:
    """Imports inside it that an extra brings; one of our own that fails stays what it is, a bug.

    Raises:
        MissingExtraError: a package that is not installed, `package` where Python does not say which.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mien"):
            raise
        raise MissingExtraError(what, extra, error.name or package) from error
