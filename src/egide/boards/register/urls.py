"""Addresses of the register of alarms."""

from django.urls import path

from egide.boards.register import views

urlpatterns = [
    path("", views.index, name="register"),
    path("<alarm:alarm>", views.alarm, name="register-alarm"),
    path("<alarm:alarm>/near/<int:moment>", views.near, name="register-near"),
    path("<alarm:alarm>/sound/<int:recording>", views.sound, name="register-sound"),
    path("<alarm:alarm>/sound.zip", views.sound_export, name="register-sound-export"),
    path("<alarm:alarm>/take", views.take, name="register-take"),
]
