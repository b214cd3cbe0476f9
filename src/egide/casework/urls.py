"""Addresses of the files' pages."""

from django.urls import path

from egide.casework.pages import (
    picking,
    views,
    views_asking,
    views_barred,
    views_death,
    views_edit,
    views_findings,
    views_papers,
    views_sharing,
    views_sound,
    views_steps,
)

urlpatterns = [
    path("", views.index, name="files"),
    path("new", views.new, name="file-new"),
    path("by-reason", views_asking.by_reason, name="file-by-reason"),
    path("addresses", picking.addresses, name="address-suggestions"),
    path("asked", views_asking.asked, name="files-asked"),
    path("<slug:case>/", views.show, name="file"),
    path("<slug:case>/history", views.history, name="file-history"),
    path("<slug:case>/barred", views_barred.barred, name="file-barred"),
    path("<slug:case>/support/<slug:word>", views_sharing.seen_to, name="file-support"),
    path("<slug:case>/shared", views_sharing.shared, name="file-shared"),
    path("<slug:case>/decision", views_steps.decision, name="file-decision"),
    path("<slug:case>/step/<slug:name>", views_steps.step, name="file-step"),
    path("<slug:case>/death/<slug:death>", views_death.correct, name="file-death"),
    path("<slug:case>/photo/<slug:owner>", views_papers.add_photo, name="file-photo"),
    path("<slug:case>/paper/<slug:paper>", views_papers.paper, name="file-paper"),
    path("<slug:case>/paper/<slug:paper>/remove", views_papers.remove, name="file-paper-remove"),
    path("<slug:case>/paper/<slug:paper>/team", views_papers.for_team, name="file-paper-team"),
    path("<slug:case>/paper/<slug:paper>/team/back", views_papers.not_for_team, name="file-paper-team-back"),
    path("<slug:case>/attach", views_papers.attach, name="file-attach"),
    path("<slug:case>/document", views_papers.document, name="file-document"),
    path("<slug:case>/sound/<alarm:alarm>/keep", views_sound.keep, name="file-sound-keep"),
    path("<slug:case>/alarm/<alarm:alarm>/found", views_findings.answer, name="file-finding"),
    path("<slug:case>/export", views_papers.export, name="file-export"),
    path("<slug:case>/<slug:part>/add", views_edit.add, name="file-add"),
    path("<slug:case>/<slug:part>/<slug:row>", views_edit.edit, name="file-edit"),
    path("<slug:case>/<slug:part>/<slug:row>/remove", views_edit.remove, name="file-remove"),
    path("<slug:case>/<slug:part>/<slug:row>/<slug:item>", views_edit.item, name="file-item"),
]
