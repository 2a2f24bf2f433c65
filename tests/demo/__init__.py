"""Tests of the demo's client and content."""
