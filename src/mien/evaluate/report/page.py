"""The frame of a report: style, table of contents, and the sections in order."""

from __future__ import annotations

import mien.evaluate.report.sections  # noqa: F401  # registers them
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import SECTIONS
from mien.evaluate.report.style import STYLE


def page(reader: Reader) -> tuple[str, dict[str, str]]:
    """The HTML file, and why sections are left out, by their id."""
    bodies, left_out = {}, {}
    for one in SECTIONS.values():
        try:
            bodies[one.id] = one.write(reader)
        except LeftOutError as error:
            left_out[one.id] = str(error)
    e = reader.document["evaluation"]
    title = f"{e['model']} on {e['data']}, {e['split']}"
    listed = [(key, SECTIONS[key].title) for key in bodies] + ([("left-out", "Left out")] if left_out else [])
    contents = "".join(f'<li><a href="#{key}">{escape(name)}</a></li>' for key, name in listed)
    body = "\n".join(
        f'<section id="{key}"><h2>{escape(SECTIONS[key].title)}</h2>\n{text}\n</section>'
        for key, text in bodies.items()
    )
    made = reader.document["made"]
    html = (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n<header><h1>{escape(title)}</h1>"
        f'<p class="soft">Evaluation report, {escape(made["date"])}, mien {escape(made["mien"])}. Every number'
        f" also stands in report.json beside this file.</p></header>\n"
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n<main>\n{body}\n{_left_out(left_out)}\n'
        f"<footer>Holds pictures and numbers of the data set named above; its terms of use hold for this file too."
        f"</footer>\n</main>\n</body>\n</html>\n"
    )
    return html, left_out


def _left_out(reasons: dict[str, str]) -> str:
    if not reasons:
        return ""
    rows = "".join(f"<li><b>{escape(SECTIONS[key].title)}</b>: {escape(why)}</li>" for key, why in reasons.items())
    return f'<section id="left-out"><h2>Left out</h2><ul>{rows}</ul></section>'
