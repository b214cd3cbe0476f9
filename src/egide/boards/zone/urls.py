"""Addresses of the zone's page."""

from django.urls import path

from egide.alarm.rows import ZONE
from egide.alarm.table import commands_of
from egide.boards.zone import views as zone

urlpatterns = [
    path("", zone.page, name="zone"),
    path("wake.js", zone.wake_script),
    path("wake", zone.wake, name="zone-wake"),
    path("wake/off", zone.forget),
    path("alarms", zone.alarms, name="zone-alarms"),
    path("alarms/<alarm:alarm>/link", zone.link, name="zone-link"),
]
urlpatterns += [
    path(f"alarms/<alarm:alarm>/{row.name}", zone.command, {"name": row.name}, name=f"zone-{row.name}")
    for row in commands_of(ZONE)
]
