from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.runtime.architectures import architectures
from mien.runtime.downloads import Download, RemoteFile, digests, download, downloads, folder, obtain
from mien.runtime.fetch import Progress

ONE, TWO = "1" * 64, "2" * 64
PAIR = Download(
    "pair", "small", "esr", "none", "https://example.invalid/page", "", (
        RemoteFile("a.pt", "https://example.invalid/a.pt", ONE, 3),
        RemoteFile("b.pt", "https://example.invalid/b.pt", "", None),
    ),
)  # fmt: skip
SINGLE = Download("single", "small", "esr", "none", "https://example.invalid/page", "", PAIR.files[1:])


def test_every_entry_names_an_architecture_an_importer_and_files() -> None:
    for name, wanted in downloads().items():
        assert wanted.name == name
        assert wanted.architecture in architectures(), name
        assert wanted.licence, name
        assert wanted.page.startswith("https://"), name
        names = [part.name for part in wanted.files]
        assert names, name
        assert len(set(names)) == len(names), name
        for part in wanted.files:
            assert part.url.startswith("https://"), part
            assert len(part.sha256) in (0, 64), part
            assert "/" not in part.name, part


def test_every_importer_exists() -> None:
    pytest.importorskip("torch")
    from mien.lab.importers.recognise import IMPORTERS

    assert {wanted.importer for wanted in downloads().values()} <= set(IMPORTERS)


def test_names() -> None:
    assert download("esr9").files[0].name == "Net-Base-Shared_Representations.pt"
    with pytest.raises(MienError, match=r"did you mean esr9\?"):
        download("esr_9")


def test_digests_from_the_publisher_and_from_the_user(tmp_path: Path) -> None:
    assert digests(PAIR, [f"b.pt={TWO}"]) == {"a.pt": ONE, "b.pt": TWO}
    assert digests(SINGLE, ["A" * 64]) == {"b.pt": "a" * 64}
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{ONE}  a.pt\n{TWO} *there/b.pt\n{TWO}  other\n", encoding="utf-8")
    assert digests(PAIR, [str(sums)]) == {"a.pt": ONE, "b.pt": TWO}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([], r"no sha256 of b\.pt is known here"),
        ([f"b.pt={TWO}", f"a.pt={TWO}"], r"of a\.pt: its publisher's is 111111111111\.\.\."),
        ([TWO], "expected NAME=HEX"),
        (["b.pt=12"], "with 64 digits"),
        ([f"c.pt={TWO}"], r"files: a\.pt, b\.pt"),
    ],
)
def test_without_a_digest_nothing_is_trusted(told: list[str], words: str) -> None:
    with pytest.raises(MienError, match=words):
        digests(PAIR, told)


def test_a_file_of_sums_without_ours(tmp_path: Path) -> None:
    (tmp_path / "sums").write_text(f"{ONE}  other\n", encoding="utf-8")
    with pytest.raises(MienError, match=r"no sha256 of a\.pt in it"):
        digests(PAIR, [str(tmp_path / "sums")])


def test_files_put_in_by_hand(tmp_path: Path) -> None:
    sums = {}
    for name in ("a.pt", "b.pt"):
        (tmp_path / name).write_bytes(name.encode())
        sums[name] = hashlib.sha256(name.encode()).hexdigest()
    shown = []

    @contextmanager
    def bars(name: str) -> Iterator[Progress]:
        yield lambda done, total: shown.append((name, done, total))

    kept = obtain(PAIR, sums, str(tmp_path), bars)
    assert [path.read_text() for path in kept] == ["a.pt", "b.pt"]
    assert all(path.parent == folder("pair") / "published" for path in kept)
    assert shown == [("a.pt", 4, 4), ("b.pt", 4, 4)]
    with pytest.raises(MienError, match=r"a\.pt: No such file"):
        obtain(PAIR, dict.fromkeys(sums, ONE), str(tmp_path / "elsewhere"))
