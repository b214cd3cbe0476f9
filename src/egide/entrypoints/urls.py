"""All addresses of the pages, one line for each place of work."""

from django.urls import include, path

from egide.connectors.cad import pages as systems
from egide.connectors.cad import views as cad
from egide.entrypoints.lost import lost
from egide.entrypoints.serving.phone_app import film, films, phone_app
from egide.fleet.pages import native

handler400 = "egide.access.pages.errors.bad_request"
handler403 = "egide.access.pages.errors.forbidden"
handler404 = "egide.access.pages.errors.not_found"
handler429 = "egide.access.pages.errors.too_many"
handler500 = "egide.access.pages.errors.server_error"

urlpatterns = [
    path("", include("egide.access.urls")),
    path("", include("egide.imports.urls")),
    path("app/", phone_app, name="phone-app"),
    path("app/sign/", films, name="phone-app-films"),
    path("app/sign/<str:name>", film, name="phone-app-film"),
    path("app/android/", native.page, name="native-app"),
    path("app/android/notes.apk", native.file, name="native-app-file"),
    path("app/android/newest.json", native.newest, name="native-app-newest"),
    path("app/<path:name>", phone_app, name="phone-app-file"),
    path("systems/", systems.index, name="systems"),
    path("systems/<slug:name>/test", systems.test, name="systems-test"),
    path("systems/roads/<slug:name>/test", systems.test_road, name="systems-road-test"),
    path("dispatch/<slug:name>/answers", cad.answer, name="dispatch-answer"),
    path("dispatch/<slug:name>/messages", cad.feed, name="dispatch-feed"),
    path("lost", lost, name="lost"),
    path("desk/", include("egide.boards.desk.urls")),
    path("response/", include("egide.boards.shown.urls")),
    path("shift/", include("egide.boards.shifts.urls")),
    path("register/", include("egide.boards.register.urls")),
    path("zone/", include("egide.boards.zone.urls")),
    path("zone/", include("egide.boards.team.urls_officers")),
    path("team/", include("egide.boards.team.urls")),
    path("files/", include("egide.casework.urls")),
    path("allowed/", include("egide.casework.urls_allowed")),
    path("reminders/", include("egide.reminders.urls")),
    path("rollout/", include("egide.rollout.urls")),
    path("", include("egide.fleet.urls")),
    path("", include("egide.evaluation.pages.urls_surveys")),
    path("figures/", include("egide.evaluation.pages.urls")),
]
