"""Files from browsers: what is larger than any picture may be is read past, and kept nowhere."""

import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from newsroom.pictures import MOST_BYTES


class OversizedFile(UploadedFile):
    """Nothing of it but its name and how large it was: whoever asked for it refuses it with a sentence."""


class CappedUploadHandler(FileUploadHandler):
    """The first of the handlers; those after it get no more than the cap."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        return raw_data if self.received <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.received <= MOST_BYTES:
            return None
        return OversizedFile(io.BytesIO(), name=self.file_name, content_type=self.content_type, size=self.received)
