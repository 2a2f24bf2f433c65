"""The names entities may bear."""
