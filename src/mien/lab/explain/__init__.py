"""Gradient methods, one a file: `@method(name)` on a function from a network, faces and columns to heat maps."""
