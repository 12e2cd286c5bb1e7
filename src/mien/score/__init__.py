"""Metrics as pure numpy functions: labels and probabilities in, numbers out, one concept a file.

Shares (accuracy, recall, F1, calibration error) are percentages, 0..100. Classes are positions 0..k-1.
A class without rows is left out of every mean over classes, even where it was predicted; a class that has
rows and is never predicted counts there with F1 0 and recall 0. Coefficients (kappa, correlations, concordance)
and areas under curves keep their own scale, -1..1 or 0..1; entropies and divergences are in nats.
"""
