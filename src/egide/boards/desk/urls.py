"""Addresses of this package."""

from django.urls import path

from egide.alarm.rows import DESK
from egide.alarm.table import commands_of
from egide.boards.desk import views, views_ladder, views_overview, views_silent, views_wall
from egide.boards.desk import views_alarm as alarm

urlpatterns = [
    path("", views.desk, name="desk"),
    path("board", views.board, name="desk-board"),
    path("board/rows", views.board_rows, name="desk-board-rows"),
    path("here", views.here, name="desk-here"),
    path("zones.json", views.zones, name="desk-zones"),
    path("sound", views.sound, name="desk-sound"),
    path("overview", views_overview.page, name="desk-overview"),
    path("overview/lists", views_overview.lists, name="desk-overview-lists"),
    path("wall", views_wall.page, name="desk-wall"),
    path("wall/rows", views_wall.rows, name="desk-wall-rows"),
    path("ladder", views_ladder.settings, name="desk-ladder-settings"),
    path("closed", alarm.closed, name="desk-closed"),
    path("from/<slug:number>", alarm.from_elsewhere, name="desk-from"),
    path("alarms/<alarm:alarm>/timeline", alarm.timeline, name="desk-timeline"),
    path("alarms/<alarm:alarm>/ladder", views_ladder.explain, name="desk-ladder"),
    path("alarms/<alarm:alarm>", alarm.alarm, name="desk-alarm"),
    path(
        "alarms/<alarm:alarm>/sound/<int:recording>/<int:after>", views_silent.sound, name="desk-sound-piece"
    ),
    path("alarms/<alarm:alarm>/sound.zip", views_silent.export, name="desk-sound-export"),
]
urlpatterns += [
    path(f"alarms/<alarm:alarm>/{row.name}", alarm.command, {"name": row.name}, name=f"desk-{row.name}")
    for row in commands_of(DESK)
]
