"""Ensembles: probabilities of several models in, probabilities of one out; and the files that name the models."""
