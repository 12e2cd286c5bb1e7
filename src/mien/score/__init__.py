"""Metrics as pure numpy functions: labels and probabilities in, numbers out, one concept a file.

Shares (accuracy, recall, F1, calibration error) are percentages, 0..100. Classes are positions 0..k-1.
A class without rows is left out of every mean over classes, even where it was predicted; a class that has
rows and is never predicted counts there with F1 0 and recall 0.
"""
