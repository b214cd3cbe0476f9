"""Addresses of the pages of kits and stock."""

from django.urls import path

from egide.fleet.pages import views, views_act, views_fleet, views_sources, views_stock

urlpatterns = [
    path("kits/", views.index, name="kits"),
    path("kits/for/<slug:case>", views_act.prepare, name="kit-prepare"),
    path("kits/<slug:kit>/", views.kit, name="kit"),
    path("kits/<slug:kit>/live", views.live, name="kit-live"),
    path("kits/<slug:kit>/code", views_act.code, name="kit-code"),
    path("kits/<slug:kit>/arm", views_act.arm, name="kit-arm"),
    path("kits/<slug:kit>/take-back", views_act.take_back, name="kit-take-back"),
    path("kits/<slug:kit>/press", views_act.press, name="kit-press"),
    path("kits/<slug:kit>/ask", views_act.ask, name="kit-ask"),
    path("kits/<slug:kit>/lend", views_act.lend, name="kit-lend"),
    path("kits/<slug:kit>/hand-over", views_act.hand_over, name="kit-hand-over"),
    path("kits/<slug:kit>/provisional", views_act.provisional, name="kit-provisional"),
    path("kits/<slug:kit>/sign", views_act.sign, name="kit-sign"),
    path("kits/<slug:kit>/settings", views_act.settings_of_phone, name="kit-settings"),
    path("kits/<slug:kit>/end", views_act.end, name="kit-end"),
    path("kits/<slug:kit>/sources", views_sources.sources, name="kit-sources"),
    path("kits/<slug:kit>/sources/<slug:source>/end", views_sources.end, name="kit-source-end"),
    path("fleet/", views_fleet.fleet, name="fleet"),
    path("fleet/limits", views_fleet.limits, name="watch-limits"),
    path("stock/", views_stock.stock, name="stock"),
    path("stock/import", views_stock.import_delivery, name="stock-import"),
    path("stock/allocate", views_stock.allocate, name="stock-allocate"),
    path("stock/items/", views_stock.items, name="stock-items"),
    path("stock/items/<slug:item>/", views_stock.item, name="stock-item"),
]
