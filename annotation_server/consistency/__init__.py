"""Consistency studies: how far annotators agree when nobody sees what others drew."""
