"""What a report says, a file for each subject; importing them in this order registers their sections in it."""

# isort: off
from mien.evaluate.report.sections import scores  # noqa: F401
from mien.evaluate.report.sections import confusion  # noqa: F401
from mien.evaluate.report.sections import curves  # noqa: F401
from mien.evaluate.report.sections import calibration  # noqa: F401
from mien.evaluate.report.sections import faces  # noqa: F401
from mien.evaluate.report.sections import robustness  # noqa: F401
from mien.evaluate.report.sections import groups  # noqa: F401
from mien.evaluate.report.sections import together  # noqa: F401
from mien.evaluate.report.sections import limits  # noqa: F401
