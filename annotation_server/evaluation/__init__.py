"""Evaluation reports: a model, an annotation set or a file against another."""
