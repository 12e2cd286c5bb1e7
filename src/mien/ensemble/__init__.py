"""Ensembles: probabilities of several models in, probabilities of one out. Empty as yet."""
