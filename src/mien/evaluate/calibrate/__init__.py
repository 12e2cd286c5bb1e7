"""Calibration: probabilities that mean what they say, sets with stated coverage, and when to decline.

`calibrate.calibrate_model` does it all; the other files are its steps.
"""
