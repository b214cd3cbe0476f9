"""Addresses of the figures."""

from django.urls import path

from egide.evaluation import views

urlpatterns = [
    path("", views.index, name="figures"),
    path("chapter/<slug:group>", views.group, name="figures-group"),
    path("measure/<slug:name>", views.measure, name="figures-measure"),
]
