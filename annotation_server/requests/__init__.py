"""Long work: its truth, progress and cancellation."""
