"""Heads beside the emotions: action units, their intensities, valence and arousal, scored on any data set.

`heads.evaluate_heads` does it all; the other files are its steps.
"""
