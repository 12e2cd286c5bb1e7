"""What the server answers, as OpenAPI tells it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """Any answer that is not the one asked for."""

    error: str = Field(description="One line: what is wrong, and the remedy.")


class Face(BaseModel):
    """One face of a picture."""

    box: list[float] = Field(description="Left, top, right, bottom in pixels of the picture as displayed.")
    score: float = Field(description="The detector's confidence, 0..1.")
    emotion: dict[str, float | None] = Field(description="Calibrated probability of each; null: the model has it not.")
    top: str | None = Field(description="The likeliest emotion.")
    confidence: float | None = Field(description="Its probability.")
    abstain: bool = Field(description="The model declines to name an emotion.")
    set: list[str] = Field(description="The conformal set: the emotions that cannot be ruled out.")
    valence: float | None = Field(description="-1..1, of models that say it.")
    arousal: float | None = Field(description="-1..1, of models that say it.")
    action_units: dict[str, float]
    heat: str | None = Field(default=None, description="With `heat=true`: PNG with transparency to lay over the box.")


class Analysis(BaseModel):
    """What was found in a picture."""

    model: str
    labels: str = Field(description="The label scheme that the emotions were trained on.")
    width: int
    height: int
    faces: list[Face]
    ms: float = Field(description="From the whole file to the answer, in milliseconds.")


class JobMade(BaseModel):
    """A video that was taken on."""

    id: str
    state: str


class JobState(BaseModel):
    """Where a video stands."""

    id: str
    state: str = Field(description="queued, running, done, failed or cancelled.")
    frames_done: int
    frames: int | None = Field(description="How many there are, as the file says; an estimate.")
    progress: float | None = Field(description="0..1")
    eta_s: float | None
    rows: int
    error: str | None
    duration: float | None = Field(description="Of the video, in seconds.")


class Rows(BaseModel):
    """Rows of the table, at most 1000 at once."""

    rows: list[dict[str, Any]]
    next: int = Field(description="What to give as `after` for the rows behind these.")


class ModelFacts(BaseModel):
    """A model that comes with mien, or the one in use."""

    name: str
    kind: str
    loaded: bool
    parameters: int | None
    input: list[int] = Field(description="Channels, height, width.")
    heads: list[dict[str, Any]]
    licence: str


class Models(BaseModel):
    """The models here, and the generator where there is one."""

    models: list[ModelFacts]
    detector: str
    generator: str | None


class Health(BaseModel):
    """That the server lives."""

    status: str
    version: str
    model: str


class Space(BaseModel):
    """Where the emotions lie on the pad."""

    emotions: dict[str, list[float]]
    png: str | None
