"""The demo project and the walk that checks it: plain clients of the public HTTP API."""
