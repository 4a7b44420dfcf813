"""`/weights`: the models that the log knows, and whether a file was used to train one."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.forms import PresenceForm, WeightsForm
from generation.models import Weights
from generation.selectors.weights import describe_weights, presence_in
from registry.api.pagination import Newest


class _Newest(Newest):
    ordering = ("-at", "weights")


class WeightsView(GenericAPIView):
    """Weights with a `weights.trained` in the log, newest first."""

    queryset = Weights.objects.none()  # for the schema; `get` answers
    serializer_class = WeightsForm
    pagination_class = _Newest

    @extend_schema(responses=WeightsForm(many=True), operation_id="weights_list")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(Weights.objects.all()) or []
        return self.get_paginated_response([describe_weights(row) for row in page])


class ContainsView(APIView):
    """Was this file used? A proof of presence, or of absence."""

    @extend_schema(responses=PresenceForm, operation_id="weights_contains")
    def get(self, request: Request, weights: str, sha256: str) -> Response:
        return Response(presence_in(weights, sha256).format())
