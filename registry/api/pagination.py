"""Lists use cursors: stable while rows are added, and as fast on the last page as on the first."""

from rest_framework.pagination import CursorPagination


class Newest(CursorPagination):
    """Rows by their UUIDv7, newest first; a list of rows without one says another order."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
