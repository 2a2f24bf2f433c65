"""A dataset under construction: its policy and its members."""
