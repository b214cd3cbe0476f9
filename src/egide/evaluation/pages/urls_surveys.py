"""Addresses of the surveys: those of the officers, and the one behind a single-use link."""

from django.urls import path

from egide.evaluation.pages import views_surveys as views

urlpatterns = [
    path("surveys/", views.index, name="surveys"),
    path("surveys/officers", views.ask_officers, name="surveys-officers"),
    path("surveys/mine", views.own_link, name="surveys-mine"),
    path("surveys/for/<slug:case>", views.hand_link, name="surveys-hand"),
    path("q/<str:token>", views.questions, name="questions"),
]
