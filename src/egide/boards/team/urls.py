"""Addresses of the team's page for those who hold a link."""

from django.urls import path

from egide.boards.team import views as team

urlpatterns = [
    path("", team.by_code, name="team-code"),
    path("l/<str:secret>", team.by_link, name="team-link"),
    path("<alarm:alarm>/", team.for_device(team.page), name="team"),
    path("<alarm:alarm>/now", team.for_device(team.now), name="team-now"),
    path("<alarm:alarm>/timeline", team.for_device(team.timeline), name="team-timeline"),
    path("<alarm:alarm>/file", team.for_device(team.file), name="team-file"),
    path("<alarm:alarm>/photo", team.for_device(team.photo), name="team-photo"),
    path("<alarm:alarm>/paper/<slug:paper>", team.for_device(team.paper, is_page=False), name="team-paper"),
    path("<alarm:alarm>/places", team.for_device(team.places), name="team-places"),
    path("<alarm:alarm>/here", team.for_device(team.here)),
    path("<alarm:alarm>/tap", team.for_device(team.tap, also_ended=True), name="team-tap"),
    path("<alarm:alarm>/live-ticket", team.for_device(team.renew), name="team-live-ticket"),
    path("<alarm:alarm>/wake.js", team.for_device(team.wake_script)),
    path("<alarm:alarm>/wake", team.for_device(team.wake)),
    path("<alarm:alarm>/wake/off", team.for_device(team.forget)),
]
