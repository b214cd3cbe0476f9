"""Addresses of this package."""

from django.urls import path

from egide.desk import views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("board", views.board, name="desk-board"),
    path("zones.json", views.zones, name="desk-zones"),
    path("sound", views.sound, name="desk-sound"),
    path("alarms/<alarm:alarm>", views.alarm, name="desk-alarm"),
    path("alarms/<alarm:alarm>/acknowledge", views.acknowledge, name="desk-acknowledge"),
    path("alarms/<alarm:alarm>/note", views.note, name="desk-note"),
    path("alarms/<alarm:alarm>/close", views.close, name="desk-close"),
    path("alarms/<alarm:alarm>/shown", views.shown, name="desk-shown"),
]
