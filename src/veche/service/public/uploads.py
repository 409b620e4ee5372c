"""Files of a form stay in memory while they come in: on disk they lie sealed only.

What goes beyond the limits is read and dropped, so that the words that came along are not lost with it.
"""

import io

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from veche.core.errors import FilesTooLarge
from veche.service.inbox.attachments import MAX_FILE_BYTES

#: Bytes of all files of one form.
MAX_TOGETHER = 30 * 1024 * 1024
#: Bytes of a request that is not read at all.
MAX_REQUEST = 120 * 1024 * 1024


class InMemory(FileUploadHandler):
    """Keeps files in memory up to the limits; `over` tells that something was dropped."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.over = False
        self._together = 0
        self._content = io.BytesIO()
        self._dropped = False

    def new_file(self, *args: object, **kwargs: object) -> None:
        """Begin the next file."""
        super().new_file(*args, **kwargs)  # pyright: ignore[reportArgumentType] - as Django calls it
        self._content, self._dropped = io.BytesIO(), False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        """Keep a piece, or drop the whole file."""
        if self._dropped or self._is_too_much(len(raw_data)):
            self._together -= self._content.tell()
            self._content = io.BytesIO()
            self._dropped = self.over = True
            return
        self._content.write(raw_data)
        self._together += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Return the file, unless it was dropped."""
        if self._dropped:
            return None
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra or {},
        )

    def _is_too_much(self, more: int) -> bool:
        return self._together + more > MAX_TOGETHER or self._content.tell() + more > MAX_FILE_BYTES


def in_memory(request: HttpRequest) -> InMemory:
    """Let the files of a request stay in memory; before anything of it is read.

    Raises:
        FilesTooLarge: it is so large that it is not read.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_REQUEST:
        raise FilesTooLarge(megabytes=MAX_TOGETHER // 2**20)
    handler = InMemory(request)
    # pyright takes Django's property for one that cannot be set.
    request.upload_handlers = [handler]  # pyright: ignore[reportAttributeAccessIssue]
    return handler
