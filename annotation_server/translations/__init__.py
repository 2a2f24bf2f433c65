"""Sentences in other languages: found in the code, translated in .po files, sent to the browser."""
