"""What is asked of a calibration."""

from __future__ import annotations

from dataclasses import dataclass

from mien.errors import MienError
from mien.evaluate.calibrate.scaling import METHODS


@dataclass(frozen=True, slots=True)
class Settings:
    """How to calibrate.

    Attributes:
        method: one of `scaling.METHODS`; `auto` see `scaling.preferred`.
        coverage: how often the conformal sets shall hold the label, 0..1.
        abstain_rate, abstain_accuracy: share of faces to decline, or of answers that shall be right; neither for
            no abstention.
        abstain_by: names of `abstention.RULES`; any one that speaks is enough.
        min_size, min_sharpness: thresholds given as they are, in pixels and as `picture_quality.sharpness`.
        seed: of the folds.
    """

    method: str = "temperature"
    coverage: float = 0.9
    abstain_rate: float | None = None
    abstain_accuracy: float | None = None
    abstain_by: tuple[str, ...] = ("confidence",)
    min_size: float | None = None
    min_sharpness: float | None = None
    seed: int = 0

    def check(self) -> None:
        """Raise MienError for settings out of range or against each other."""
        if self.method not in METHODS:
            raise MienError(f"--method {self.method}: one of {', '.join(METHODS)}")
        for option, value in (("--coverage", self.coverage), ("--abstain-accuracy", self.abstain_accuracy)):
            if value is not None and not 0 < value < 1:
                raise MienError(f"{option} {value:g}: a share between 0 and 1, such as 0.9")
        if self.abstain_rate is not None and not 0 <= self.abstain_rate < 1:
            raise MienError(f"--abstain-rate {self.abstain_rate:g}: a share of at least 0 and below 1, such as 0.1")
        if self.abstain_rate is not None and self.abstain_accuracy is not None:
            raise MienError("--abstain-rate and --abstain-accuracy both set the threshold; give one")

    @property
    def signs(self) -> tuple[str, ...]:
        """Names of the signs of doubt that must be known of each face."""
        asked = self.abstain_rate is not None or self.abstain_accuracy is not None
        return self.abstain_by if asked else ()
