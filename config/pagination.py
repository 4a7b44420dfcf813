"""Lists use cursors: stable while rows are added, and as fast on the last page as on the first."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    ordering = "-id"  # ids are UUIDv7: newest first
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
