"""Routes of the pages, under `/pages/`."""

from django.urls import path, re_path

from web.pages import views

urlpatterns = [
    path("", views.start),
    path("<slug:name>", views.page),
    re_path(r"^(?P<name>[a-z]+\.[a-z]+)$", views.file),
]
