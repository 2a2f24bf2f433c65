"""Tessera's server: one Django app, a plain package per area of the product."""
