"""Django's handle on this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from egide.access.registries import finding, navigation, notices, numbers, tasks
from egide.access.rules import FILE_ROLES, REFERENCE_OFFICER, ZONE_OFFICER, Scope


class CaseworkConfig(AppConfig):
    """Registers the package under its short name, and what the offices' pages ask of it."""

    name = "egide.casework"
    label = "casework"

    def ready(self) -> None:
        # Its tables exist only now.
        from egide.access.registries import barring
        from egide.casework.file import files
        from egide.casework.life import findings
        from egide.casework.life import tasks as asked
        from egide.casework.sharing import asking, telling

        tasks.register(asked.tasks_of)
        tasks.register(findings.tasks_of)
        tasks.register(telling.tasks_of)
        finding.register(asked.find_files)
        barring.register(files.bars)
        numbers.register(files.numbers_of, files.id_of)
        tasks.register(asking.tasks_of)
        notices.register(asking.notices)
        entry = navigation.NavigationEntry
        navigation.register(
            entry(_("Files"), "files", lambda scope: scope.has_files, order=10),
            entry(_("Shared with me"), "allowed", lambda scope: scope.is_support_worker, order=10),
            entry(_("Open another file"), "file-by-reason", opens_by_reason, order=70),
        )
        navigation.register_beginning(entry(_("New file"), "file-new", opens_files))


def opens_by_reason(scope: Scope) -> bool:
    """Operators and supervisors; people with files of their own find it under their list."""
    return bool(scope.roles & FILE_ROLES) and not scope.has_files


def opens_files(scope: Scope) -> bool:
    """Officers of a zone."""
    return bool(scope.places(ZONE_OFFICER, REFERENCE_OFFICER))
