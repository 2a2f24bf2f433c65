"""Ways to propose masks that learn nothing: what a trained model has to beat."""
