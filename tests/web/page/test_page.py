"""What a person sees and does in Chromium, with canned answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.web.page.driving import content, drop, focused, give, press_for_files, tab_to, until

from mien.labels import EMOTIONS
from mien.table import columns

pytest.importorskip("playwright.sync_api")

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.web.page.fake_server import Fake

Visit = Callable[..., "Page"]


@pytest.mark.parametrize("width", [400, 1280])
def test_a_dropped_picture_shows_boxes_bars_and_what_declines(visit: Visit, picture: bytes, width: int) -> None:
    page = visit(width=width)
    drop(page, picture, "party.jpg", "image/jpeg")
    page.wait_for_selector("#faces li")
    assert page.locator("#faces .answer").all_inner_texts() == ["happiness, 82\u00a0%", "declines"]
    assert page.locator("#faces .beside").all_inner_texts()[1] == "best guess anger, 41\u00a0%; anger, fear or sadness"
    first = page.locator("#faces li").first
    assert first.locator("dt").all_inner_texts() == list(EMOTIONS)
    assert first.locator(".value").all_inner_texts()[3] == "82\u00a0%"
    assert first.locator(".value").all_inner_texts()[-1] == "\u2013"  # a word that the model does not know
    assert "2\u00a0faces in party.jpg" in page.inner_text("#status")
    shown, box = page.locator("#media img").bounding_box(), page.locator(".box").first.bounding_box()
    assert shown
    assert box
    assert (box["x"] - shown["x"]) / shown["width"] == pytest.approx(40 / 240, abs=0.01)
    assert box["height"] / shown["height"] == pytest.approx(80 / 160, abs=0.01)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_made_table_has_the_interfaces_columns(visit: Visit, picture: bytes) -> None:
    page = visit()
    page.set_input_files(
        "#file",
        [
            {"name": name, "mimeType": "image/jpeg", "buffer": data}
            for name, data in (("a, b.jpg", picture), ("empty.jpg", picture), ("broken.jpg", b"no picture"))
        ],
    )
    page.wait_for_selector("#error:visible")
    assert "broken.jpg: this is no picture that can be read" in page.inner_text("#error")
    with page.expect_download() as waiting:
        page.click("#download")
    rows = list(csv.DictReader(io.StringIO(content(waiting.value))))
    assert tuple(rows[0]) == columns(affect=True, action_units=("AU12",))
    assert [(row["input"], row["face"], row["success"]) for row in rows] == [
        ("a, b.jpg", "0", "1"), ("a, b.jpg", "1", "1"), ("empty.jpg", "", "0"), ("broken.jpg", "", "0"),
    ]  # fmt: skip
    assert (rows[0]["happiness"], rows[0]["contempt"], rows[0]["FaceRectWidth"]) == ("0.82", "", "60")
    assert (rows[1]["abstain"], rows[1]["set"], rows[1]["AU12"]) == ("1", "anger|fear|sadness", "0.81")
    assert rows[3]["error"].startswith("this is no picture")


def test_heat_maps_come_only_when_asked_for(visit: Visit, fake: Fake, picture: bytes) -> None:
    page = visit()
    give(page, picture)
    page.wait_for_selector("#faces li")
    assert page.locator(".box img").count() == 0
    page.check("#heat")
    page.wait_for_selector(".box img", state="attached")
    assert [each for each in fake.asked if "analyze" in each] == ["POST /v1/analyze", "POST /v1/analyze?heat=true"]
    page.uncheck("#heat")
    page.wait_for_selector(".box img", state="detached")


def test_a_busy_server_is_asked_again_and_an_unreachable_one_is_told(visit: Visit, fake: Fake, picture: bytes) -> None:
    page = visit()
    fake.busy = 2
    give(page, picture)
    page.wait_for_selector("#faces li")
    assert page.locator("#error").is_hidden()
    page.route("**/v1/analyze", lambda route: route.abort())
    give(page, picture)
    page.wait_for_selector("#error:visible")
    assert "is mien serve still running?" in page.inner_text("#error")


def test_a_video_is_followed_to_its_csv(visit: Visit, fake: Fake, film: bytes) -> None:
    page = visit()
    page.select_option("#every", "every=2")
    give(page, film, "talk.mp4", "video/mp4")
    until(page, "document.getElementById('status').textContent.startsWith('Done')")
    assert fake.forms == [{"every": "2"}]
    assert "75\u00a0rows of 60\u00a0frames" in page.inner_text("#status")
    assert page.locator("#track option").all_inner_texts() == ["1 (50\u00a0rows)", "2 (15\u00a0rows)"]
    path = page.locator('#plot path.line[data-emotion="happiness"]').get_attribute("d")
    assert path
    assert path.count("M") == 2  # one gap, where no face was found
    assert page.locator("#plot path.declined").get_attribute("d")
    with page.expect_download() as waiting:
        page.click("#download")
    assert waiting.value.suggested_filename == "talk.csv"
    assert content(waiting.value) == "input,frame\nupload,0\n"
    page.goto("about:blank")
    page.wait_for_timeout(300)
    assert fake.deleted == ["j1"]  # nothing of it stays


def test_a_row_goes_to_its_moment_and_the_timeline_obeys_keys(visit: Visit, film: bytes) -> None:
    page = visit()
    give(page, film, "talk.mp4", "video/mp4")
    until(page, "document.getElementById('status').textContent.startsWith('Done')")
    page.click("#table-after")
    page.click("#table-after")
    page.click("#table tr[data-row='44'] td >> nth=0")  # frame 29, lost
    until(page, "Math.abs(document.querySelector('video').currentTime - 1.45) < 0.01")
    until(page, "document.getElementById('no-faces').textContent === 'No face found in this frame.'")
    assert page.locator(".box").count() == 0
    page.focus("#plot")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#plot", "aria-valuetext") == "0:01.5, frame 30: happiness"
    assert page.locator("#table tr[aria-current]").get_attribute("data-row") == "45"
    page.keyboard.press("End")
    assert page.get_attribute("#plot", "aria-valuetext") == "0:03.0, frame 59: declines"
    until(page, "document.querySelector('#faces .answer').textContent === 'declines'")
    page.click('#legend button[data-emotion="anger"]')
    assert page.locator('#plot path.line[data-emotion="anger"]').count() == 0


def test_a_job_is_cancelled_and_its_rows_stay(visit: Visit, fake: Fake, film: bytes) -> None:
    page = visit()
    fake.endless = True
    give(page, film, "talk.mp4", "video/mp4")
    page.wait_for_selector("#table tr[data-row='12']")
    page.get_by_text("of about 60, about 3\u00a0s to go").wait_for()
    page.click("#job-cancel")
    until(page, "document.getElementById('status').textContent.startsWith('Cancelled')")
    assert fake.deleted == ["j1"]
    with page.expect_download() as waiting:
        page.click("#download")
    assert len(content(waiting.value).splitlines()) == 1 + 20


@pytest.mark.parametrize("width", [400, 1280])
def test_the_camera_shows_boxes_on_their_own_frame(visit: Visit, fake: Fake, width: int) -> None:
    page = visit(width=width, camera=True)
    page.evaluate("window.heard = []; document.addEventListener('mien:frame', event => heard.push(event.detail))")
    page.click("#camera")
    until(page, "heard.length > 20")
    heard: list[dict[str, Any]] = page.evaluate("heard")
    assert [each["seq"] for each in heard] == sorted({each["seq"] for each in heard})
    assert all(each["delay"] >= 0 for each in heard)
    assert page.locator("#media canvas").count() == 1
    assert page.evaluate("document.querySelector('#media canvas').width") <= 640
    assert page.locator(".box").count() == 1
    page.wait_for_selector("#delay:visible")
    assert re.fullmatch(r"\d+ ms from a frame to its boxes.*frames a second", page.inner_text("#delay"))
    page.check("#smooth")
    page.wait_for_selector("#media canvas", state="hidden")
    page.uncheck("#smooth")
    page.wait_for_selector("#media canvas")
    page.evaluate("heard.length = 0")
    until(page, "heard.length > 5")  # it still runs
    page.keyboard.press("Escape")
    assert page.inner_text("#camera") == "Start the camera"
    assert page.evaluate("document.querySelector('#media video').srcObject.active") is False
    assert page.locator("#download").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_camera_frame_is_under_way_at_a_time(visit: Visit, fake: Fake) -> None:
    fake.slow = 0.15
    page = visit(camera=True)
    page.click("#camera")
    page.wait_for_selector(".box")
    page.wait_for_timeout(1000)
    assert 3 <= len(fake.frames) <= 11  # about 1.3 s of 0.15 s each, though frames came at 20 or more a second


def test_a_refused_camera_is_told_in_words(visit: Visit) -> None:
    page = visit()
    refuse = "async () => { throw new DOMException('', 'NotAllowedError') }"
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = " + refuse + " }")
    page.click("#camera")
    page.wait_for_selector("#error:visible")
    assert "allow it for this page" in page.inner_text("#error")


def test_the_pad_asks_for_the_newest_place_and_obeys_keys(visit: Visit, fake: Fake, picture: bytes) -> None:
    page = visit()
    assert page.locator("#pad-section").is_hidden()
    give(page, picture)
    page.wait_for_selector("#faces li")
    page.click("#pad-names button >> nth=0")
    page.wait_for_selector("#edited:visible")
    assert fake.forms[-1] == {"x": "0.8", "y": "0.5", "face": "0"}
    fake.slow = 0.3
    page.focus("#pad")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_timeout(1200)
    assert fake.forms[-1] == {"x": "1", "y": "0.3", "face": "0"}
    assert len(fake.forms) < 6  # eight places, of which those passed over meanwhile were not asked for
    page.click("#faces button >> nth=1")
    assert page.locator("#edited").is_hidden()  # of another face
    page.focus("#pad")
    page.keyboard.press("Home")
    page.wait_for_selector("#edited:visible")
    assert fake.forms[-1] == {"x": "0", "y": "0", "face": "1"}


def test_without_a_generator_there_is_no_pad(visit: Visit, fake: Fake, picture: bytes) -> None:
    fake.generator = False
    page = visit()
    give(page, picture)
    page.wait_for_selector("#faces li")
    assert page.locator("#pad-section").is_hidden()
    assert page.locator("#error").is_hidden()


def test_by_keyboard_alone(visit: Visit, picture: bytes) -> None:
    page = visit()
    tab_to(page, "open")
    press_for_files(page, "Enter").set_files({"name": "party.jpg", "mimeType": "image/jpeg", "buffer": picture})
    page.wait_for_selector("#faces li")
    tab_to(page, "faces")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Face 2: declines")
    assert page.locator(".box.chosen").evaluate("box => [...box.parentNode.children].indexOf(box)") == 1
    tab_to(page, "table")
    page.keyboard.press("ArrowUp")
    assert page.locator("#faces li.chosen .which").inner_text() == "Face 1"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "download"
    with page.expect_download() as kept:
        page.keyboard.press("Enter")
    assert kept.value.suggested_filename == "party.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(visit: Visit, picture: bytes, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"
    assert (page.evaluate(background) == "rgb(20, 23, 27)") == (scheme == "dark")
    give(page, picture)
    page.wait_for_selector("#faces li")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    give(page, b"no picture", "broken.jpg")
    page.wait_for_selector("#error:visible")
    assert page.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")) == []


def test_controls_have_names(visit: Visit, picture: bytes) -> None:
    page = visit()
    give(page, picture)
    page.wait_for_selector("#faces li")
    nameless = """() => [...document.querySelectorAll("button, input, select, img, [role]")].filter(node =>
      node.checkVisibility() && !node.getAttribute("aria-label") && !node.getAttribute("aria-labelledby")
      && !node.closest("[aria-hidden]") && !node.textContent.trim() && !node.labels?.length && node.alt === undefined
      && node.role !== "status").map(node => node.outerHTML)"""
    assert page.evaluate(nameless) == []


def test_it_says_where_pictures_go(visit: Visit) -> None:
    page = visit()
    assert page.inner_text("#where") == "Pictures stay on this machine."
    assert "not what anybody feels" in page.inner_text("aside")
    port = page.evaluate("location.port")
    with page.expect_navigation():
        page.evaluate("port => { location.href = `http://lab.example:${port}/` }", port)
    page.wait_for_selector("html[data-ready]")
    assert page.inner_text("#where") == f"Pictures are sent to lab.example:{port}."
    page.click("#camera")
    page.wait_for_selector("#error:visible")
    assert "only to https and to this very machine" in page.inner_text("#error")


def test_a_token_goes_along_and_out_of_sight(visit: Visit, fake: Fake, picture: bytes) -> None:
    fake.token = "a-token"
    page = visit("?token=a-token", camera=True)
    assert "token" not in page.url
    give(page, picture)
    page.wait_for_selector("#faces li")
    page.click("#camera")
    until(page, "document.querySelectorAll('.box').length === 1")
    other = visit()
    give(other, picture)
    other.wait_for_selector("#error:visible")
    assert "wants its token" in other.inner_text("#error")


def test_the_real_server_tells_of_a_picture(visit_served: Visit, portrait: bytes) -> None:
    page = visit_served()
    until(page, "document.getElementById('model').textContent === 'small'")
    drop(page, portrait, "portrait.jpg", "image/jpeg")
    page.wait_for_selector("#faces li")
    assert page.locator("#faces li").count() == 1
    assert page.inner_text("#faces .answer").startswith("happiness")
    page.check("#heat")
    page.wait_for_selector(".box img", state="attached", timeout=30_000)


def test_the_real_server_edits_where_it_has_a_generator(visit_served: Visit, portrait: bytes) -> None:
    page = visit_served()
    give(page, portrait)
    page.wait_for_selector("#faces li")
    if page.evaluate("fetch('v1/edit/space').then(answer => answer.status)") == 404:
        pytest.skip("no generator is packaged")
    page.click("#pad-names button >> nth=0")
    page.wait_for_selector("#edited:visible", timeout=30_000)
    assert page.evaluate("document.getElementById('edited').naturalWidth") == 582


def test_the_real_server_follows_a_video_to_its_csv(visit_served: Visit, portrait_film: bytes) -> None:
    page = visit_served()
    give(page, portrait_film, "talk.mp4", "video/mp4")
    until(page, "document.getElementById('status').textContent.startsWith('Done')", 60)
    with page.expect_download() as waiting:
        page.click("#download")
    assert waiting.value.suggested_filename == "talk.csv"
    rows = list(csv.DictReader(io.StringIO(content(waiting.value))))
    assert [row["frame"] for row in rows] == [str(i) for i in range(10)]
    assert [row["success"] for row in rows] == ["1"] * 7 + ["0"] * 3
    assert {row["emotion"] for row in rows[:7]} == {"happiness"}
    assert float(rows[6]["time"]) == pytest.approx(0.6)
    page.click("#table tr[data-row='9'] td >> nth=0")
    until(page, "document.querySelectorAll('.box').length === 0")


def test_the_real_server_answers_the_camera(visit_served: Visit) -> None:
    page = visit_served(camera=True)
    page.evaluate("window.heard = []; document.addEventListener('mien:frame', event => heard.push(event.detail))")
    page.click("#camera")
    until(page, "heard.length > 5", 30)
    until(page, "document.getElementById('no-faces').textContent === 'No face in sight.'")  # a green test picture
    page.click("#camera")
    assert page.locator("#error").is_hidden()
