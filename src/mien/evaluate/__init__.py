"""Evaluation: any predictor on any data set; predictions saved and read, scored, and rid of duplicates."""
