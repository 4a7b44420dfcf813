"""`GET /availability`: what may be used for something, where and when, over all that the caller may ask about."""

import base64
import binascii
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.api.searching import MODES, Query
from consent.core.available import Gap
from consent.core.record import REPLICA_USES
from consent.selectors.visible import KINDS
from consent.services.availability import Answer, Place, find_available
from registry.api.authentication import needs
from registry.core.errors import Malformed
from registry.core.fields import read_uuid
from registry.core.jcs import Json
from registry.core.scope import FOREVER_S
from registry.core.times import format_time, from_epoch_s
from registry.models import Asset
from registry.selectors.parties import party_records

USUAL: Final = 50  # answers a page
MOST: Final = 500  # answers a page, at the most


class GapSerializer(serializers.Serializer):
    """A stretch of the window in which the use fails."""

    window = serializers.ListField(child=serializers.DateTimeField(allow_null=True), help_text="[start, end or null]")
    codes = serializers.ListField(child=serializers.CharField(), help_text="reason codes, in the order of the list")
    obstacles = serializers.ListField(child=serializers.JSONField(), help_text="as in a decision, with missing boxes")


class AvailabilitySerializer(serializers.Serializer):
    """One asset or performer; in brief, kind and id alone."""

    kind = serializers.ChoiceField(choices=KINDS)
    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, help_text="title of an asset, name of a person; null once erased")
    windows = serializers.ListField(
        child=serializers.ListField(child=serializers.DateTimeField(allow_null=True)),
        help_text="the stretches of time that answer, whole: they may begin before the window and end after it",
    )
    expires = serializers.DateTimeField(
        allow_null=True, help_text="when what is available in the window, or next after its start, ends; null: never"
    )
    available = serializers.BooleanField()
    gaps = GapSerializer(many=True)


class AvailabilityPageSerializer(serializers.Serializer):
    """A page of answers; a page may be short, or empty, although `next` says that there is more to look at."""

    next = serializers.CharField(allow_null=True)
    results = AvailabilitySerializer(many=True)


def _words(name: str, text: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, required=required, description=f"{text}, separated by commas")


_PARAMETERS: Final = [
    OpenApiParameter("for", str, description="the party that would use; one's own, or another to ask about oneself"),
    OpenApiParameter("project", str, description="without one, for every project"),
    _words("acts", "acts; without any, condition and distribute"),
    _words("aspects", "aspects of assets or performers; without any of a kind, whatever there is"),
    _words("purposes", "purposes", required=True),
    _words("media", "media", required=True),
    _words("territories", "ISO 3166-1 alpha-2 codes or groups", required=True),
    _words("languages", "language tags, or *", required=True),
    OpenApiParameter("start", str, required=True, description="of the window, RFC 3339 UTC"),
    OpenApiParameter("end", str, description="of the window, exclusive; without one, for ever"),
    _words("depicts", "content that a person would be shown doing"),
    _words("scene", "content that the shot shows beside"),
    OpenApiParameter("role", str, description="the role that a person would be shown as"),
    OpenApiParameter("replica_use", str, enum=list(REPLICA_USES)),
    _words("product_categories", "what is advertised"),
    OpenApiParameter("mode", str, enum=list(MODES), description="how a stretch answers the window"),
    OpenApiParameter("min_days", int, description="how long it has to last; of an overlap, the part in the window"),
    _words("kinds", "asset, performer; without any, both"),
    OpenApiParameter("gaps", bool, description="list also what does not answer, with the reasons"),
    OpenApiParameter("detail", str, enum=["full", "brief"], description="brief: kinds and ids alone"),
    OpenApiParameter("limit", int),
    OpenApiParameter("cursor", str),
]


class AvailabilityView(APIView):
    """What may be used for this, where, when? A forecast: every use is decided when it is made."""

    permission_classes = [needs("produce", "read", "rights", "sign")]

    @extend_schema(parameters=_PARAMETERS, responses=AvailabilityPageSerializer, operation_id="availability_list")
    def get(self, request: Request) -> Response:
        query = Query(request.query_params)
        after = _place(query.take("cursor"))
        limit = query.number("limit", USUAL, most=MOST)
        search = query.search(viewer=request.user.party)
        query.finish()
        page = find_available(search, viewer=request.user.party, after=after, limit=limit)
        told = _brief(page.answers) if search.brief else _full(page.answers)
        return Response({"next": None if page.next is None else _next(request, page.next), "results": told})


def _brief(answers: Iterable[Answer]) -> list[dict[str, Json]]:
    return [{"kind": answer.kind, "id": answer.id} for answer in answers]


def _full(answers: tuple[Answer, ...]) -> list[dict[str, Json]]:
    names: dict[str, str] = {
        str(ident): title
        for ident, title in Asset.objects.filter(id__in=[a.id for a in answers if a.kind == "asset"]).values_list(
            "id", "title"
        )
    }
    people = party_records([answer.id for answer in answers if answer.kind == "performer"])
    names |= {party: record.name for party, record in people.items()}
    return [
        {
            "kind": answer.kind,
            "id": answer.id,
            "name": names.get(answer.id),
            "available": bool(answer.stretches),
            "windows": [[_time(start), _time(end)] for start, end in answer.stretches],
            "expires": None if answer.expires_s is None else _time(answer.expires_s),
            "gaps": [_gap(gap) for gap in answer.gaps],
        }
        for answer in answers
    ]


def _gap(gap: Gap) -> dict[str, Json]:
    codes: list[Json] = [*dict.fromkeys(obstacle.code for obstacle in gap.obstacles)]  # sorted as a decision has them
    return {
        "window": [_time(gap.window[0]), _time(gap.window[1])],
        "codes": codes,
        "obstacles": [obstacle.format() for obstacle in gap.obstacles],
    }


def _time(epoch_s: int) -> str | None:
    return None if epoch_s == FOREVER_S else format_time(from_epoch_s(epoch_s))


def _next(request: Request, place: Place) -> str:
    cursor = base64.urlsafe_b64encode(" ".join(place).encode()).decode()
    query = urlencode({**request.query_params.dict(), "cursor": cursor})
    return str(request.build_absolute_uri(f"{request.path}?{query}"))


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        kind, _, ident = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition(" ")
    except (binascii.Error, ValueError) as error:
        raise Malformed("bad_value", field="cursor", wanted="a cursor that a page gave") from error
    for known in KINDS:
        if kind == known:
            return known, read_uuid(ident, "cursor")
    raise Malformed("bad_value", field="cursor", wanted="a cursor that a page gave")
