from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.cli.printed import print_faces
from mien.faces import Faces


def found(name: str) -> Faces:
    emotion = np.full((2, 8), np.nan, np.float32)
    emotion[0, :7] = [0.05, 0, 0, 0.7, 0.25, 0, 0]
    return Faces(name, np.array([[0, 0, 10, 20], [5, 5, 9, 9]]), np.ones(2), emotion)


def test_rows_name_the_two_likeliest_emotions(capsys: pytest.CaptureFixture[str]) -> None:
    print_faces([found("in/a.jpg"), Faces("in/b.jpg")])
    _, first, second, third = capsys.readouterr().out.splitlines()
    assert first.split() == ["a.jpg", "0", "happiness", "70", "%", "sadness", "25", "%", "10", "x", "20"]
    assert "no answer" in second
    assert third.split() == ["b.jpg", "no", "face"]


def test_an_answer_that_the_model_declines_to_give_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    print_faces([replace(found("a.jpg"), abstain=np.array([True, False]))])
    _, first, _, told = capsys.readouterr().out.splitlines()
    assert first.split()[2] == "happiness?"
    assert "declines to name the emotion of 1 face" in told


def test_folders_are_shown_where_names_alone_do_not_tell(capsys: pytest.CaptureFixture[str]) -> None:
    print_faces([Faces("a/x.jpg"), Faces("b/x.jpg")])
    assert "a/x.jpg" in capsys.readouterr().out


def test_nothing_found_prints_the_heading_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_faces([])
    assert "emotion" in capsys.readouterr().out


def test_a_model_without_emotions_gets_columns_of_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    boxes, none = np.array([[0, 0, 10, 20], [5, 5, 9, 9]]), np.full((2, 8), np.nan)
    units = {"AU12": np.array([0.9, 0.1]), "AU01": np.array([0.7, 0.2])}
    affect = {"valence": np.array([0.5, np.nan]), "arousal": np.array([-0.25, np.nan])}
    print_faces([Faces("a.jpg", boxes, np.ones(2), none, action_units=units, **affect), Faces("b.jpg")])
    heading, first, second, third = capsys.readouterr().out.splitlines()
    assert heading.split() == ["input", "face", "valence", "arousal", "units", "box"]
    assert first.split() == ["a.jpg", "0", "+0.50", "-0.25", "AU01", "AU12", "10", "x", "20"]
    assert second.split() == ["a.jpg", "1", "none", "4", "x", "4"]
    assert third.split() == ["b.jpg", "no", "face"]


def test_emotions_stand_before_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    print_faces([replace(found("a.jpg"), intensity={"AU12": np.array([2.34, 0.4])})])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["input", "face", "emotion", "confidence", "then", "units", "box"]
    assert "AU12 2.3" in first
    assert "none" in second
