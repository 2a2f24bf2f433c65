"""Models and their weights, with origin and stage."""
