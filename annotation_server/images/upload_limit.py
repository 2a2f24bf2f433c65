"""Stopping an upload while it is read, when one of its files grows past a limit."""

from typing import Any

from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _

from annotation_server.errors import TooLarge


class SizeLimit(FileUploadHandler):
    """Stops reading a request when one of its files grows past ``most_bytes``."""

    def __init__(self, request: HttpRequest, most_bytes: int) -> None:
        super().__init__(request)
        self.most_bytes = most_bytes

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.most_bytes:
            raise TooLarge(
                _(
                    "%(file_name)s is larger than the %(max_upload_bytes)s bytes this server takes per file. "
                    "Save it with more compression and upload it again; nothing was added."
                )
                % {"file_name": self.file_name, "max_upload_bytes": f"{self.most_bytes:,}"}
            )
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def upload_handlers(request: HttpRequest, most_bytes: int) -> list[Any]:
    """Handlers for an upload; to be set before log-in by session, whose CSRF check already reads the form."""
    return [
        SizeLimit(request, most_bytes),
        MemoryFileUploadHandler(request),
        TemporaryFileUploadHandler(request),
    ]
