"""Explanations: where a model looks, and whether the map that says so can be trusted.

`explain.explain` does it all; the other files are its steps.
"""
