"""`GET /licences` and `/licences/{digest}`: what the caller's party gave, received or was assigned, as of a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.api.pagination import Newest
from registry.core.fields import read_digest, read_uuid
from registry.core.times import parse_time
from registry.errors import Unknown
from registry.locks import clock
from registry.models import Licence, LicenceSubject
from registry.selectors.authorities import principals_of
from registry.selectors.conflicts import Flags, Met, flags_of
from registry.selectors.holdings import licences_of
from registry.selectors.licences import History, histories_of
from registry.statements import Opened, open_statements

AS_OF = OpenApiParameter("as_of", datetime, description="RFC 3339, UTC: the terms and the holder of that moment")
SUBJECTS = ("asset", "work", "catalogue")


class _Subject(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["asset", "catalogue", "work"])
    id = serializers.UUIDField()


class _Change(serializers.Serializer):
    digest = serializers.CharField()
    effective_from = serializers.DateTimeField()


class _Passed(_Change):
    to = serializers.UUIDField()


class _Taken(serializers.Serializer):
    digest = serializers.CharField()
    option = serializers.CharField()


class _Met(serializers.Serializer):
    licence = serializers.CharField(allow_null=True, help_text="null where the other deal is not the caller's to know")
    signed_on = serializers.DateField(allow_null=True, help_text="of a recorded one, under the same condition")
    overlap = serializers.JSONField(help_text="boxes that both hold, whatever they show")


class LicenceSerializer(serializers.Serializer):
    """One licence as its parties read it."""

    digest = serializers.CharField()
    type = serializers.ChoiceField(choices=["licence.granted", "licence.recorded"])
    licensor = serializers.UUIDField()
    licensee = serializers.UUIDField(help_text="as signed")
    holder = serializers.UUIDField(help_text="the licensee, or to whom it was assigned by `as_of`")
    accepted_at = serializers.DateTimeField()
    assurance = serializers.ChoiceField(choices=["signed", "confirmed", "recorded"])
    exclusivity = serializers.ChoiceField(choices=["none", "sole", "exclusive"])
    signed_on = serializers.DateField(allow_null=True)
    parent = serializers.CharField(allow_null=True, help_text="digest of the licence that it is a sublicence of")
    denied = serializers.CharField(allow_null=True)
    terminated = serializers.CharField(allow_null=True)
    ended = serializers.CharField(allow_null=True, help_text="what ended it or a licence that it hangs under")
    logged = serializers.BooleanField(help_text="under a published checkpoint, so that decisions see it")
    subjects = _Subject(many=True)
    amendments = _Change(many=True)
    options = _Taken(many=True)
    assignments = _Passed(many=True)
    conflicts_with = _Met(many=True)
    subject_to = _Met(many=True)
    terms_from = serializers.CharField(help_text="digest of the statement whose terms hold at `as_of`")
    terms = serializers.JSONField(allow_null=True, help_text="as signed there; null once erased")


class _Newest(Newest):
    ordering = ("-accepted_at", "digest")


class LicencesView(APIView):
    """The licences that the caller's party gave, received, was assigned or may view for somebody, newest first."""

    @extend_schema(
        parameters=[*(OpenApiParameter(kind, str) for kind in SUBJECTS), AS_OF, OpenApiParameter("cursor", str)],
        responses=LicenceSerializer(many=True),
        operation_id="licences_list",
    )
    def get(self, request: Request) -> Response:
        rows = _own(request)
        for kind in SUBJECTS:
            if (wanted := request.query_params.get(kind)) is not None:
                reached = LicenceSubject.objects.filter(subject_kind=kind, subject_id=read_uuid(wanted, kind))
                rows = rows.filter(digest__in=reached.values("licence"))
        pages = _Newest()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(_describe(page, request))


class LicenceView(APIView):
    """One licence; to whom it does not concern it is not there."""

    @extend_schema(parameters=[AS_OF], responses=LicenceSerializer, operation_id="licences_read")
    def get(self, request: Request, digest: str) -> Response:
        row = _own(request).filter(digest=read_digest(digest, "digest")).first()
        if row is None:
            raise Unknown(kind="licence", id=digest, status=404)
        return Response(_describe([row], request)[0])


def _own(request: Request) -> QuerySet[Licence]:
    """Return the licences of the caller's party, and of those for whom it may view."""
    party = request.user.party
    viewed = principals_of(party, power="view", at=clock())
    own = Q(digest__in=licences_of(party).values("digest"))
    return Licence.objects.filter(own | Q(licensor__in=viewed) | Q(licensee__in=viewed))


def _describe(page: Sequence[Licence], request: Request) -> list[dict[str, Any]]:
    at = clock()
    asked = request.query_params.get("as_of")
    as_of = at if asked is None else parse_time(asked, field="as_of")
    digests = [row.digest for row in page]
    histories = histories_of(page)
    terms_from = {digest: histories[digest].terms_from(as_of) for digest in digests}
    opened, numbers = open_statements(terms_from.values()), log.indices(digests)
    flags = flags_of(page, party=request.user.party, at=at)
    subjects: dict[str, list[dict[str, str]]] = {digest: [] for digest in digests}
    for subject in LicenceSubject.objects.filter(Q(licence__in=digests)).order_by("subject_kind", "subject_id"):
        subjects[subject.licence].append({"kind": subject.subject_kind, "id": subject.subject_id})
    return [
        _one(row, histories[row.digest], as_of, logged=numbers[row.digest] is not None)
        | {"subjects": subjects[row.digest], "terms_from": terms_from[row.digest]}
        | {"terms": _terms(opened.get(terms_from[row.digest]))}
        | _flagged(flags[row.digest])
        for row in page
    ]


def _one(row: Licence, history: History, as_of: datetime, *, logged: bool) -> dict[str, Any]:
    return {
        "digest": row.digest,
        "type": row.type,
        "licensor": row.licensor,
        "licensee": row.licensee,
        "holder": history.holder(as_of),
        "accepted_at": row.accepted_at,
        "assurance": _assurance(row),
        "exclusivity": row.exclusivity,
        "signed_on": row.signed_on,
        "parent": row.parent,
        "denied": row.denied,
        "terminated": row.terminated,
        "ended": row.ended,
        "logged": logged,
        "amendments": [{"digest": one.digest, "effective_from": one.effective_from} for one in history.amendments],
        "options": [{"digest": one.digest, "option": one.option} for one in history.options],
        "assignments": [
            {"digest": one.digest, "effective_from": one.effective_from, "to": one.to} for one in history.assignments
        ],
    }


def _terms(opened: Opened | None) -> Any:
    """Return the signed body, of an amendment its terms."""
    if opened is None:
        return None
    body = opened.statement.body
    return body["terms"] if opened.statement.type == "licence.amended" else body


def _flagged(flags: Flags) -> dict[str, Any]:
    return {
        "conflicts_with": [_met(one) for one in flags.conflicts_with],
        "subject_to": [_met(one) for one in flags.subject_to],
    }


def _met(one: Met) -> dict[str, Any]:
    return {
        "licence": one.licence,
        "signed_on": one.signed_on,
        "overlap": [box.format() for box in one.overlap],
    }


def _assurance(row: Licence) -> str:
    if row.type == "licence.granted":
        return "signed"
    return "recorded" if row.confirmed is None else "confirmed"
