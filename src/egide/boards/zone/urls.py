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
    path("sound", zone.sound, name="zone-sound"),
    path("alarms", zone.alarms, name="zone-alarms"),
    path("closed", zone.closed, name="zone-closed"),
    path("alarms/<alarm:alarm>/timeline", zone.timeline, name="zone-timeline"),
    path("alarms/<alarm:alarm>/link", zone.link, name="zone-link"),
    path("alarms/<alarm:alarm>/call-back", zone.call_back, name="zone-call-back"),
]
urlpatterns += [
    path(f"alarms/<alarm:alarm>/{row.name}", zone.command, {"name": row.name}, name=f"zone-{row.name}")
    for row in commands_of(ZONE)
]
