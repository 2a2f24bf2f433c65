"""Training on the server: which examples, when, and whether the outcome becomes the champion."""
