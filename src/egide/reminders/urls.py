"""Addresses of this package."""

from django.urls import path

from egide.reminders import pages

urlpatterns = [
    path("", pages.index, name="reminders"),
    path("code", pages.confirm, name="reminders-code"),
    path("wake.js", pages.wake_script),
    path("wake", pages.wake, name="reminders-wake"),
    path("wake/off", pages.forget),
]
