"""Addresses of the zone's page."""

from django.urls import path

from egide.response import zone

urlpatterns = [
    path("", zone.page, name="zone"),
    path("alarms", zone.alarms, name="zone-alarms"),
    path("alarms/<alarm:alarm>/confirm", zone.confirm, name="zone-confirm"),
    path("alarms/<alarm:alarm>/team", zone.team, name="zone-team"),
    path("alarms/<alarm:alarm>/no-patrol", zone.no_patrol, name="zone-no-patrol"),
    path("alarms/<alarm:alarm>/under-way", zone.under_way, name="zone-under-way"),
    path("alarms/<alarm:alarm>/on-site", zone.on_site, name="zone-on-site"),
]
