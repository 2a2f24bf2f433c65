"""Label maps being drawn: assignments, transactions, history, submission, review."""
