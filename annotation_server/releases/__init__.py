"""Immutable published exports."""
