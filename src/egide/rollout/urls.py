"""Addresses of the roll-out's pages."""

from django.urls import path, re_path

from egide.rollout.pages import views, views_duties, views_import, views_patrols, views_telephones

urlpatterns = [
    path("", views.index, name="rollout"),
    path("import/zones", views_import.import_zones, name="rollout-import-zones"),
    path("import/trainings", views_import.import_trainings, name="rollout-import-trainings"),
    path("import/numbers", views_import.import_numbers, name="rollout-import-numbers"),
    path("import/duties", views_import.import_duties, name="rollout-import-duties"),
    path("duties/", views_duties.index, name="duties"),
    path("duties/roster.csv", views_duties.take, name="duties-taken"),
    path("duties/exchange/<int:line>", views_duties.exchange, name="duty-exchange"),
    path("patrols/", views_patrols.index, name="patrols"),
    path("numbers/", views_telephones.index, name="telephones"),
    path("numbers/<slug:kind>/<str:place>/", views_telephones.place, name="telephones-of"),
    re_path(r"^(?P<kind>zone|office)/(?P<code>[A-Za-z0-9._-]{1,40})/$", views.body, name="rollout-body"),
]
