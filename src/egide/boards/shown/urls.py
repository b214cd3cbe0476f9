"""Addresses of this package."""

from django.urls import path

from egide.boards.shown import views

urlpatterns = [
    path("alarms/<alarm:alarm>/briefing", views.briefing, name="briefing"),
    path("alarms/<alarm:alarm>/photo", views.photo, name="response-photo"),
    path("alarms/<alarm:alarm>/paper/<slug:paper>", views.paper, name="response-paper"),
    path("alarms/<alarm:alarm>/radio", views.radio, name="radio"),
    path("alarms/<alarm:alarm>/link", views.link, name="response-link"),
]
