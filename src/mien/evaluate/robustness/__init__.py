"""Robustness: what a model makes of faces that are blurred, noisy, compressed, small, dark, covered or turned."""
