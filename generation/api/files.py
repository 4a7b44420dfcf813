"""`/shots/{id}/media`, `/preview` and `/bundle`: the file, what may be seen before there is one, and its papers."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import takes
from generation.core.states import WrongState
from generation.selectors.bundle import bundle
from generation.selectors.shots import parts_of, require_visible
from generation.services import reviewing
from registry.errors import Forbidden

MP4 = "video/mp4"


class OneForm(BaseContentNegotiation):
    """What these views send has one form, whatever a player says that it accepts."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class MediaView(APIView):
    """The released file, for its producer and the performers concerned."""

    content_negotiation_class = OneForm

    @extend_schema(responses={(200, MP4): OpenApiTypes.BINARY}, operation_id="shots_media")
    def get(self, request: Request, shot: str) -> HttpResponse:
        row = require_visible(shot, by=request.user)
        if row.state != "released":
            raise WrongState(state=row.state, wanted="released")
        return _mp4(takes.read(row.output), f"{row.id}.mp4")


class PreviewView(APIView):
    """A small, marked picture of a shot before its release; every look is noted."""

    content_negotiation_class = OneForm

    @extend_schema(responses={(200, MP4): OpenApiTypes.BINARY}, operation_id="shots_preview")
    def get(self, request: Request, shot: str) -> HttpResponse:
        row, name = reviewing.preview(shot, by=request.user)
        return _mp4(takes.read(name), f"preview-{row.id}.mp4")


class BundleView(APIView):
    """The papers of a released shot, to be verified offline; they hold terms, and are for its producer."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="shots_bundle")
    def get(self, request: Request, shot: str) -> Response:
        row = require_visible(shot, by=request.user)
        if "producer" not in parts_of(row, request.user):
            raise Forbidden("the papers hold the terms of all grants: they are for the producer", code="not_yours")
        if row.state != "released":
            raise WrongState(state=row.state, wanted="released")
        return Response(bundle(row.id))


def _mp4(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=MP4, headers=headers)
