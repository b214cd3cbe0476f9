"""Addresses of the zone's page, and of the team's page for its officers."""

from django.urls import path

from egide.alarm.rows import ZONE
from egide.alarm.table import commands_of
from egide.boards.team import views as team
from egide.boards.waking import views as views_waking
from egide.boards.zone import views as zone

urlpatterns = [
    path("", zone.page, name="zone"),
    path("wake.js", views_waking.zone_script),
    path("wake", views_waking.wake_session, name="zone-wake"),
    path("wake/off", views_waking.forget_session),
    path("alarms", zone.alarms, name="zone-alarms"),
    path("alarms/<alarm:alarm>/link", zone.link, name="zone-link"),
    path("alarms/<alarm:alarm>/file/", team.for_officer(team.page), name="zone-file"),
    path("alarms/<alarm:alarm>/file/now", team.for_officer(team.now)),
    path("alarms/<alarm:alarm>/file/file", team.for_officer(team.file)),
    path("alarms/<alarm:alarm>/file/photo", team.for_officer(team.photo)),
    path("alarms/<alarm:alarm>/file/places", team.for_officer(team.places)),
    path("alarms/<alarm:alarm>/file/tap", team.for_officer(team.tap)),
]
urlpatterns += [
    path(f"alarms/<alarm:alarm>/{row.name}", zone.command, {"name": row.name}, name=f"zone-{row.name}")
    for row in commands_of(ZONE)
]
