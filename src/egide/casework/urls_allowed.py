"""Addresses of a support worker's pages."""

from django.urls import path

from egide.casework.pages import views_sharing

urlpatterns = [
    path("", views_sharing.allowed, name="allowed"),
    path("<slug:case>/", views_sharing.allowed_file, name="allowed-file"),
]
