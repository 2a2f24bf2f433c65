"""The pages: who may open which, and what their shells carry."""
