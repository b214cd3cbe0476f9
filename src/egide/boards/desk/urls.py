"""Addresses of this package."""

from django.urls import path

from egide.alarm.rows import DESK
from egide.alarm.table import commands_of
from egide.boards.desk import views, views_ladder, views_overview, views_silent
from egide.boards.desk import views_alarm as alarm

urlpatterns = [
    path("", views.desk, name="desk"),
    path("board", views.board, name="desk-board"),
    path("here", views.here, name="desk-here"),
    path("zones.json", views.zones, name="desk-zones"),
    path("sound", views.sound, name="desk-sound"),
    path("overview", views_overview.page, name="desk-overview"),
    path("overview/lists", views_overview.lists, name="desk-overview-lists"),
    path("ladder", views_ladder.settings, name="desk-ladder-settings"),
    path("alarms/<alarm:alarm>/ladder", views_ladder.explain, name="desk-ladder"),
    path("alarms/<alarm:alarm>", alarm.alarm, name="desk-alarm"),
    path("alarms/<alarm:alarm>/acknowledge", alarm.acknowledge, name="desk-acknowledge"),
    path("alarms/<alarm:alarm>/take-over", alarm.take_over, name="desk-take-over"),
    path("alarms/<alarm:alarm>/offer", alarm.offer, name="desk-offer"),
    path("alarms/<alarm:alarm>/keep-centre", alarm.keep, {"what": "centre"}, name="desk-keep-centre"),
    path("alarms/<alarm:alarm>/keep-zone", alarm.keep, {"what": "zone"}, name="desk-keep-zone"),
    path("alarms/<alarm:alarm>/help-seen", alarm.help_seen, name="desk-help-seen"),
    path("alarms/<alarm:alarm>/localisation", alarm.localisation, name="desk-localisation"),
    path("alarms/<alarm:alarm>/ask", views_silent.ask, name="desk-ask"),
    path("alarms/<alarm:alarm>/listen-off", views_silent.stop_listening, name="desk-listen-off"),
    path(
        "alarms/<alarm:alarm>/sound/<int:recording>/<int:after>", views_silent.sound, name="desk-sound-piece"
    ),
    path("alarms/<alarm:alarm>/sound.zip", views_silent.export, name="desk-sound-export"),
    path("alarms/<alarm:alarm>/note", alarm.note, name="desk-note"),
    path("alarms/<alarm:alarm>/close", alarm.close, name="desk-close"),
    path("alarms/<alarm:alarm>/zone", alarm.confirm_zone, name="desk-zone"),
    path("alarms/<alarm:alarm>/block-phone", alarm.block_phone, name="desk-block-phone"),
    path("alarms/<alarm:alarm>/team", alarm.name_team, name="desk-team"),
    path("alarms/<alarm:alarm>/shown", alarm.shown, name="desk-shown"),
]
urlpatterns += [
    path(f"alarms/<alarm:alarm>/{row.name}", alarm.command, {"name": row.name}, name=f"desk-{row.name}")
    for row in commands_of(DESK)
]
