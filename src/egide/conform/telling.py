"""A report as people read it, and as programs do."""

from collections.abc import Iterator

import msgspec

from egide.common.text import _
from egide.conform.points import Finding, Report, Verdict


def line_of(finding: Finding) -> str:
    """One line while an examination runs."""
    return f"{_mark(finding.verdict)}  {finding.point.id}: {finding.came}"


def lines_of(report: Report) -> Iterator[str]:
    """What deviates or was not tried, each in full, and the sum of all."""
    for one in report.findings:
        if one.verdict is Verdict.HOLDS:
            continue
        yield ""
        yield f"{_mark(one.verdict)}  {one.point.id}"
        yield "  " + _("Done: {text}").format(text=one.point.does)
        yield "  " + _("Expected: {text}").format(text=one.point.expects)
        yield "  " + _("What came: {text}").format(text=one.came)
        yield "  " + _("Clause: {text}").format(text=one.point.clause)
    yield ""
    yield _("Points that hold: {holds}, that deviate: {deviates}, that were not tried: {untried}.").format(
        holds=report.number_of(Verdict.HOLDS),
        deviates=report.number_of(Verdict.DEVIATES),
        untried=report.number_of(Verdict.UNTRIED),
    )


def encoded(report: Report) -> bytes:
    """One JSON object: `kit`, `of`, the numbers, and `points` with all that is known of each."""
    points = [
        msgspec.structs.asdict(one.point) | {"verdict": one.verdict.value, "came": one.came}
        for one in report.findings
    ]
    numbers = {verdict.value: report.number_of(verdict) for verdict in Verdict}
    return msgspec.json.encode({"kit": report.kit, "of": report.of, **numbers, "points": points})


def _mark(verdict: Verdict) -> str:
    return {
        Verdict.HOLDS: _("holds"),
        Verdict.DEVIATES: _("DEVIATES"),
        Verdict.UNTRIED: _("not tried"),
    }[verdict]
