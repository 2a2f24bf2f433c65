"""The ML worker: torch; knows the rules of label maps and nothing else of the server."""
