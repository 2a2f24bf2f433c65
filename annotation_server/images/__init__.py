"""Pictures: checked, oriented, hashed, tiled for deep zoom."""
