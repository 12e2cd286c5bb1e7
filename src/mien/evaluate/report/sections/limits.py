"""What the numbers do not mean, and what the model must not be used for."""

from __future__ import annotations

from mien.evaluate.report.reader import Reader
from mien.evaluate.report.section import section

_NOT = (
    ("Not what a person feels.", "A label is the word that people chose for a picture, and a probability how likely"
     " they are to choose it. The same movement of a face has many causes, and people who feel the same look"
     " different."),
    ("Not a score out of 100.", "People who label faces disagree with each other, and some labels are mistakes; a"
     " model that learns the labels learns these too."),
    ("Not how it will do elsewhere.", "Intervals say how far a score would move on other faces drawn from the same"
     " source. Another camera, culture, age, light, or mix of emotions is another source."),
    ("Not free of what it has seen.", "Pictures that also stand in another split raise a score; the one without"
     " duplicates is the safer. What was chosen with a look at this split raises it as well, and no report can see"
     " that."),
    ("Not a promise for each face.", "Calibration and sets hold on average over all faces, not for every class, person"
     " or group, and no longer where the faces come from elsewhere."),
    ("Not the world's bad pictures.", "Corruptions are made by a computer, one at a time; real ones come together. That"
     " a model holds against these is no proof that it holds."),
    ("Not proof of fairness.", "Groups that are not listed were not looked at. A gap that was not found may be there,"
     " above all where groups are small; a gap that was found may come from how faces were collected or labelled."),
    ("Not reasons.", "A heat map shows where a layer responded, and a map of features which faces look alike to it."),
)  # fmt: skip
_USES = (
    "emotions of people at work or in education: the European Union's AI Act forbids it there (Article 5(1)(f);"
    " medical and safety reasons aside)",
    "decisions about people: hiring, credit, insurance, policing, borders, courts",
    "telling lies, intent, illness or personality from a face",
    "watching people who did not agree to it",
    "any use in which a single answer counts, without a person who can say no",
)


@section("limits", "What these numbers do not mean")
def _limits(_: Reader) -> str:
    points = "".join(f"<li><b>{head}</b> {text}</li>" for head, text in _NOT)
    uses = "".join(f"<li>{use}</li>" for use in _USES)
    return f"<ul>{points}</ul><h3>Uses advised against</h3><ul>{uses}</ul>"
