"""Take a file of any size out of a form straight into the file store, a piece at a time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice.common.blobs import PIECE_BYTES, Arriving, has_room


class StoredUpload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs only
    """A file of a form that lies in the store already, and is somebody's once it is kept."""

    def __init__(self, arriving: Arriving, name: str, content_type: str | None) -> None:
        super().__init__(None, name, content_type, arriving.size)
        self.arriving = arriving


class IntoStore(FileUploadHandler):
    """Write what arrives to the store. refused says why a file was not taken."""

    chunk_size = PIECE_BYTES

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.refused = ""
        self.files: list[Arriving] = []

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **keywords: Any) -> None:
        """Refuse at once what is too large by its own word, or finds no room."""
        self.refused = why_refused(content_length)

    def new_file(self, *args: Any, **keywords: Any) -> None:
        """Begin a file, or read a refused one to its end and forget it."""
        super().new_file(*args, **keywords)
        if self.refused:
            raise StopUpload(connection_reset=False)
        self.files.append(Arriving())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece."""
        self.files[-1].write(raw_data)

    def file_complete(self, file_size: int) -> StoredUpload:
        """Hand the file on to the form."""
        return StoredUpload(self.files[-1], self.file_name or "", self.content_type)

    def discard(self) -> None:
        """Forget every file that was not kept."""
        for file in self.files:
            file.discard()


def why_refused(size_bytes: int) -> str:
    """Say why a file of this size is not taken; empty when it is."""
    if size_bytes > settings.TILL_FILE_MAX_MB * 1_000_000:
        return _("The file is larger than %(limit)s MB. Export a shorter period.") % {
            "limit": settings.TILL_FILE_MAX_MB
        }
    if not has_room(size_bytes):
        return _("There is no room for the file on the server. Tell whoever runs it, and try again later.")
    return ""
