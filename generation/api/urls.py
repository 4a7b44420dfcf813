"""Routes of the generation app, under `/api/v1/`."""

from django.urls import path

from generation.api.accruals import AccrualsView, BasisView, FavouredView
from generation.api.approvals import ApprovalsView
from generation.api.cuts import CutView
from generation.api.erasures import ErasureReceiptView, ErasureView, KeptView
from generation.api.events import EventsView
from generation.api.files import BundleView, MediaView, PreviewView
from generation.api.notices import ProjectNoticesView
from generation.api.report import ClearanceReportView
from generation.api.shots import CancelView, ReviewView, ShotsView, ShotView, UsesView
from generation.api.uses import ShotUsesView
from generation.api.weights import ContainsView, WeightsView

urlpatterns = [
    path("approvals", ApprovalsView.as_view()),
    path("shots", ShotsView.as_view()),
    path("shots/<str:shot>", ShotView.as_view()),
    path("shots/<str:shot>/cancel", CancelView.as_view()),
    path("shots/<str:shot>/review", ReviewView.as_view()),
    path("shots/<str:shot>/uses", ShotUsesView.as_view()),
    path("shots/<str:shot>/events", EventsView.as_view()),
    path("shots/<str:shot>/media", MediaView.as_view()),
    path("shots/<str:shot>/preview", PreviewView.as_view()),
    path("shots/<str:shot>/bundle", BundleView.as_view()),
    path("shots/<str:shot>/basis", BasisView.as_view()),
    path("parties/<str:party>/accruals", AccrualsView.as_view()),
    path("parties/<str:party>/erasure", ErasureView.as_view()),
    path("erasures/<str:secret>", ErasureReceiptView.as_view()),
    path("kept/open", KeptView.as_view()),
    path("parties/<str:party>/favoured", FavouredView.as_view()),
    path("projects/<str:project>/cut", CutView.as_view()),
    path("projects/<str:project>/clearance-report", ClearanceReportView.as_view()),
    path("projects/<str:project>/notices", ProjectNoticesView.as_view()),
    path("performers/<str:performer>/uses", UsesView.as_view()),
    path("weights", WeightsView.as_view()),
    path("weights/<str:weights>/contains/<str:sha256>", ContainsView.as_view()),
]
