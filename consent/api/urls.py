"""Routes of the consent app, under `/api/v1/`."""

from django.urls import path

from consent.api.alerts import AlertSeenView, AlertsView
from consent.api.availability import AvailabilityView
from consent.api.bars import RestrictionsView, SuspensionsView
from consent.api.consents import Consents
from consent.api.requests import (
    ConsentRequestDecline,
    ConsentRequestPassOn,
    ConsentRequests,
    ConsentRequestView,
    Mutes,
    MuteView,
)

urlpatterns = [
    path("alerts", AlertsView.as_view()),
    path("alerts/<str:alert>/acknowledge", AlertSeenView.as_view()),
    path("availability", AvailabilityView.as_view()),
    path("consents", Consents.as_view()),
    path("consent-requests", ConsentRequests.as_view()),
    path("consent-requests/mutes", Mutes.as_view()),
    path("consent-requests/mutes/<str:asker>", MuteView.as_view()),
    path("consent-requests/<str:request_id>", ConsentRequestView.as_view()),
    path("consent-requests/<str:request_id>/decline", ConsentRequestDecline.as_view()),
    path("consent-requests/<str:request_id>/pass-on", ConsentRequestPassOn.as_view()),
    path("restrictions", RestrictionsView.as_view()),
    path("suspensions", SuspensionsView.as_view()),
]
