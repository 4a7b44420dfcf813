"""
Receive a file without leaving it lying about.

Django's own handler names the file in the temporary directory, where a killed server leaves it in the clear. This one
has no name from the start, and refuses at once what says that it is too large.
"""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from registry.ingest import check_size


class UnnamedUpload(FileUploadHandler):
    """Write an upload to an unnamed temporary file, which goes with the process."""

    chunk_size = 1 << 20

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_: Any) -> None:
        """Refuse by the length of the whole body, which the server reads no further than."""
        check_size(content_length)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        check_size(start + len(raw_data))
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(self.file, self.file_name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
