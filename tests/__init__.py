"""Tests mirror the packages; the session's real services are in session_services/."""
