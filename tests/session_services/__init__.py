"""The real PostgreSQL, broker, S3 and Tessera processes that the tests talk to."""
