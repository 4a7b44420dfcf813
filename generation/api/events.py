"""
`/shots/{id}/events`: what happens to a shot, as it happens (server-sent events, WHATWG HTML section 9.2).

The stream begins after ``Last-Event-ID``, ends when the shot is over, and at the latest after ``STREAM_S``: a client
then comes back by itself and misses nothing, and no server thread is held for ever. Between two looks no connection to
the database is held.
"""

import json
import time
from collections.abc import Iterator
from typing import Final

from django.db import close_old_connections
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from generation.api.files import OneForm
from generation.core.states import OVER
from generation.models import Shot, ShotEvent
from generation.selectors.shots import Part, as_event, events_after, parts_of, require_visible
from registry.core.errors import Malformed

LOOK_S: Final = 0.2
STREAM_S: Final = 30.0
RETRY_MS: Final = 500  # how soon a client comes back
MAX_EVENTS: Final = 500  # read at once


class EventsView(APIView):
    """Follow a shot."""

    content_negotiation_class = OneForm

    @extend_schema(
        parameters=[OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER)],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
        operation_id="shots_events",
    )
    def get(self, request: Request, shot: str) -> StreamingHttpResponse:
        row = require_visible(shot, by=request.user)
        last = request.headers.get("Last-Event-ID", "0")
        if not last.isascii() or not last.isdigit() or len(last) > 18:
            raise Malformed("bad_value", field="Last-Event-ID", value=last, wanted="the id of an event")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = follow(row.id, int(last), parts=parts_of(row, request.user))
        return StreamingHttpResponse(stream, content_type="text/event-stream", headers=headers)


def follow(shot: str, last: int, *, parts: frozenset[Part]) -> Iterator[bytes]:
    """Yield every event after ``last`` until the shot is over or the stream's time is."""
    yield b"retry: %d\n\n" % RETRY_MS
    until = time.monotonic() + STREAM_S
    while True:
        over = Shot.objects.filter(id=shot, state__in=OVER).exists()  # before the events: its last one is then there
        found = events_after(shot, last, limit=MAX_EVENTS)
        close_old_connections()
        for event in found:
            last = event.seq
            yield _written(event, parts)
        if len(found) == MAX_EVENTS:
            continue
        if over or time.monotonic() > until:
            return
        time.sleep(LOOK_S)


def _written(event: ShotEvent, parts: frozenset[Part]) -> bytes:
    data = json.dumps(as_event(event, parts=parts), separators=(",", ":"), sort_keys=True)
    return f"id: {event.seq}\nevent: {event.event}\ndata: {data}\n\n".encode()
