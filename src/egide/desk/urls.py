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
    path("alarms/<alarm:alarm>/zone", views.confirm_zone, name="desk-zone"),
    path("alarms/<alarm:alarm>/no-patrol", views.no_patrol, name="desk-no-patrol"),
    path("alarms/<alarm:alarm>/team", views.name_team, name="desk-team"),
    path("alarms/<alarm:alarm>/under-way", views.under_way, name="desk-under-way"),
    path("alarms/<alarm:alarm>/on-site", views.on_site, name="desk-on-site"),
    path("alarms/<alarm:alarm>/shown", views.shown, name="desk-shown"),
]
