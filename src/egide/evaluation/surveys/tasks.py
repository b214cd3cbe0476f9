"""What surveys need from an officer, for the start page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.tasks import Task
from egide.access.rules import Scope
from egide.evaluation.surveys import service as surveys
from egide.outbox.service import clock


def tasks_of(scope: Scope) -> Iterator[Task]:
    """The officer's own answers, when they were asked for."""
    if scope.roles & set(surveys.ROLES) and surveys.may_answer(scope):
        yield Task(
            _("Five questions about your work with the alarm"),
            reverse("surveys"),
            _("Answer"),
            clock().now_us(),
            detail=_("Two minutes; nothing leads back to you"),
        )
