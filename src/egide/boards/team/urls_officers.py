"""Addresses of the team's page for officers of its zone."""

from django.urls import path

from egide.boards.team import views as team

urlpatterns = [
    path("alarms/<alarm:alarm>/file/", team.for_officer(team.page), name="zone-file"),
    path("alarms/<alarm:alarm>/file/now", team.for_officer(team.now)),
    path("alarms/<alarm:alarm>/file/timeline", team.for_officer(team.timeline)),
    path("alarms/<alarm:alarm>/file/file", team.for_officer(team.file)),
    path("alarms/<alarm:alarm>/file/photo", team.for_officer(team.photo)),
    path(
        "alarms/<alarm:alarm>/file/paper/<slug:paper>", team.for_officer(team.paper), name="zone-file-paper"
    ),
    path("alarms/<alarm:alarm>/file/places", team.for_officer(team.places)),
    path("alarms/<alarm:alarm>/file/tap", team.for_officer(team.tap)),
]
