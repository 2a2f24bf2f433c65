"""Migrations of the annotation server."""
