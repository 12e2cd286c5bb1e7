"""The page's files as they lie: nothing from outside, nothing inline, names and colours as in the package."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mien.labels import EMOTIONS
from mien.runtime.palette import COLOURS
from mien.web import page

FOLDER = Path(page.__file__).parent
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js", ".svg"})
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'  # a name, not an address: an SVG file is none without it


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text inside script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in {"script", "style"}:
            self.inside += data.strip()


@pytest.fixture(scope="module")
def elements() -> Elements:
    return Elements((FOLDER / "index.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert re.findall(r"(?:https?|wss?)://|url\(|@import|[\"'(]//\w", text) == []


def test_a_strict_policy_holds(elements: Elements) -> None:
    for tag, attributes in elements.found:
        assert "style" not in attributes, tag
        assert [name for name in attributes if name.startswith("on")] == [], tag
        assert tag != "style"
        assert tag != "script" or attributes.get("src"), "a script inside the page"
    assert elements.inside == ""
    assert "unsafe" not in page.POLICY


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_make_no_markup_or_code_of_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = r"\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\"style"
    assert re.findall(names, text) == []


def test_what_the_page_names_is_there(elements: Elements) -> None:
    named = [attributes.get("src") or attributes.get("href") for tag, attributes in elements.found if tag != "a"]
    for name in filter(None, named):
        assert (FOLDER / name.removeprefix("page/")).is_file(), name
    for path in SCRIPTS:
        for name in re.findall(r"from \"\./([^\"]+)\"", path.read_text(encoding="utf-8")):
            assert (FOLDER / name).is_file(), f"{path.name}: {name}"


def test_the_scripts_find_every_element_that_they_name(elements: Elements) -> None:
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = set(re.findall(r"\$\(\"([\w-]+)\"\)", (FOLDER / "app.js").read_text(encoding="utf-8")))
    assert named
    assert named <= set(ids)


def test_the_palette_is_the_packages() -> None:
    text = (FOLDER / "palette.css").read_text(encoding="utf-8")
    order = re.search(r'--emotions: "([^"]+)"', text)
    assert order
    assert tuple(order[1].split()) == EMOTIONS
    colours = {
        n: tuple(map(int, rgb.split())) for n, rgb in re.findall(r'"(\w+)"\] { --emotion: rgb\(([\d ]+)\)', text)
    }
    assert colours == dict(COLOURS)


def test_only_the_palette_names_emotions() -> None:
    for path in SCRIPTS:
        words = set(re.findall(r"[\"'](\w+)[\"']", path.read_text(encoding="utf-8")))
        assert words & set(EMOTIONS) == set(), path.name


def test_scripts_stay_short() -> None:
    assert {p.name: n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400} == {}
    assert sum(path.stat().st_size for path in FILES) < 150_000


def test_they_are_in_the_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=FOLDER.parents[3], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        assert {f"mien/web/page/{file.name}" for file in FILES} <= set(wheel.namelist())
