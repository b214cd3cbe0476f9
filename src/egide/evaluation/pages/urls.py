"""Addresses of the figures."""

from django.urls import path

from egide.evaluation.pages import views, views_imports, views_outputs, views_published

urlpatterns = [
    path("", views.index, name="figures"),
    path("chapter/<slug:group>", views.group, name="figures-group"),
    path("measure/<slug:name>", views.measure, name="figures-measure"),
    path("own", views.own, name="figures-own"),
    path("outputs", views_outputs.index, name="figures-outputs"),
    path("export", views_outputs.export, name="figures-export"),
    path("map", views_outputs.map_of_rollout, name="figures-map"),
    path("report", views_outputs.yearly_report, name="figures-report"),
    path("sheet", views_outputs.committee_sheet, name="figures-sheet"),
    path("dictionary", views_outputs.data_dictionary, name="figures-dictionary"),
    path("imports/", views_imports.index, name="figures-imports"),
    path("imports/<slug:kind>", views_imports.one, name="figures-import"),
    path("imports/<slug:kind>/example.csv", views_imports.example, name="figures-import-example"),
    path("published/", views_published.index, name="figures-published"),
    path("published/<int:year>/", views_published.year, name="figures-published-year"),
    path("published/<int:year>/<int:number>.csv", views_published.table, name="figures-published-csv"),
]
