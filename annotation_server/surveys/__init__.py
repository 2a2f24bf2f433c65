"""Surveys: satisfaction with entity definitions, and blind preference between two sets of masks."""
