"""Figures for papers and pages: the only folder that imports matplotlib, and only when one is drawn."""
