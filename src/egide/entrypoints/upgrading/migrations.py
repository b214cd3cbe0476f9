"""Django's migrations, told apart: those that only add, and those that an earlier release cannot live with."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AddIndex,
    AlterField,
    AlterModelManagers,
    AlterModelOptions,
    CreateModel,
    RemoveIndex,
    RenameIndex,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field

from egide.entrypoints.upgrading.records import NEEDS, check_understood

_ADDS = (CreateModel, AddIndex, RemoveIndex, RenameIndex, AlterModelOptions, AlterModelManagers)


def breaking(executor: MigrationExecutor) -> dict[str, bool]:
    """Every migration that this release brings, as APP.NAME: whether the release before it cannot live with it."""
    loader = executor.loader
    plan = executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True)
    state = ProjectState(real_apps=loader.unmigrated_apps)
    found = {}
    for migration, _is_backwards in plan:
        label, breaks = migration.app_label, False
        for operation in migration.operations:
            breaks = _breaks(operation, label, state) or breaks
            operation.state_forwards(label, state)
        found[f"{label}.{migration.name}"] = breaks
    return found


def _breaks(operation: Operation, label: str, state: ProjectState) -> bool:
    """Whether code from before it could fail on, or misread, what it leaves."""
    if isinstance(operation, AddField):
        added = operation.field
        return not (added.null or added.many_to_many or added.db_default is not NOT_PROVIDED)
    if isinstance(operation, AlterField):
        before = state.models[label, operation.model_name_lower].fields[operation.name]
        return _in_database(before) != _in_database(operation.field)
    return not isinstance(operation, _ADDS)


def _in_database(field: "Field[Any, Any]") -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """What the database sees of a column: not its words, not its choices."""
    _name, path, arguments, named = field.deconstruct()
    kept = {key: value for key, value in named.items() if key not in field.non_db_attrs}
    return path, tuple(arguments), kept


def check_records(executor: MigrationExecutor) -> None:
    """Raises NotSetUp where a later release has changed app.db in a way that this one cannot live with."""
    loader = executor.loader
    applied = {_named(one) for one in loader.applied_migrations}
    check_understood(_noted() & applied, _known(loader))


def _known(loader: MigrationLoader) -> set[str]:
    """Those on the disk, and those that they stand for."""
    replaced = (one for migration in loader.disk_migrations.values() for one in migration.replaces)
    return {_named(one) for one in (*loader.disk_migrations, *replaced)}


def do_note_breaking(executor: MigrationExecutor, pending: Iterable[str]) -> None:
    """Note those of the pending ones that an earlier release must understand. It counts once they are made."""
    found = breaking(executor)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {NEEDS} (migration varchar(300) PRIMARY KEY)")
        for name in sorted(set(pending) & {one for one, breaks in found.items() if breaks} - _noted()):
            cursor.execute(f"INSERT INTO {NEEDS} (migration) VALUES (%s)", [name])


def _noted() -> set[str]:
    with connection.cursor() as cursor:
        if NEEDS not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute(f"SELECT migration FROM {NEEDS}")
        return {name for (name,) in cursor.fetchall()}


def _named(one: tuple[str, str]) -> str:
    return f"{one[0]}.{one[1]}"
