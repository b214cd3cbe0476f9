"""All measures, each defined in one place; the order is that of pages and reports."""

from egide.evaluation.measures import (
    alarms,
    deaths,
    files,
    gained,
    kits,
    people,
    reach,
    surveys,
    times,
    training,
)
from egide.evaluation.records.shapes import Measure

GROUPS = ("people", "files", "kits", "alarms", "times", "reach", "surveys", "training")

REGISTRY: dict[str, Measure] = {
    measure.id: measure
    for module in (people, deaths, files, kits, alarms, times, gained, reach, surveys, training)
    for measure in module.MEASURES
}
