"""Addresses of the change of a shift."""

from django.urls import path

from egide.boards.shifts import views

urlpatterns = [
    path("", views.page, name="shift"),
    path("<int:version>", views.take_over, name="shift-take"),
]
