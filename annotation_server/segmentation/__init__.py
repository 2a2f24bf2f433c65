"""The rules of label maps: pure functions on arrays, shared with the ML worker."""
