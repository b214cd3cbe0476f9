"""`egide evaluate --published YEAR`: the tables of a year that leave the service, as text, JSON or CSV."""

import msgspec

from egide.common.text import _
from egide.entrypoints.cli.outputs import no_records
from egide.entrypoints.cli.refusing import CommandRefused
from egide.evaluation import service
from egide.evaluation.pages import published_showing as showing
from egide.evaluation.published import editions


def published_text(year: int, *, as_json: bool, as_csv: bool) -> str:
    """The newest edition of the year that is out; else what would be published. Raises CommandRefused."""
    edition, state = _edition(year)
    if as_json:
        content = {"state": state, **msgspec.structs.asdict(edition)}
        return msgspec.json.format(msgspec.json.encode(content), indent=1).decode()
    if as_csv:
        return showing.as_csv(edition).rstrip()
    lines = [_("Invented data: nobody and nothing in it is real.")] if edition.is_invented else []
    words = {
        "out": _("{year}: edition {number} is out."),
        "draft": _("{year}: not published; this is what would be."),
        "not-over": _("{year}: not over in the records; this cannot be published yet."),
    }
    lines.append(words[state].format(year=year, number=edition.number))
    for sheet in showing.sheets(edition):
        lines += ["", sheet.title, f"  {sheet.population}"]
        lines += [f"    {row.title}: " + " · ".join(map(_figure, row.figures)) for row in sheet.rows]
    return "\n".join(lines)


def _figure(figure: showing.Figure) -> str:
    bounds = f" [{figure.interval}]" if figure.interval else ""
    return f"{figure.title} {figure.text}{bounds}"


def _edition(year: int) -> tuple[editions.Edition, str]:
    """The edition, and "out", "draft" or "not-over"."""
    try:
        out = editions.editions(year)
        if out:
            return out[0].edition, "out"
        draft = editions.draft(year)
    except service.NoRecords as error:
        raise no_records() from error
    except editions.NotPublishable as error:
        raise CommandRefused(_("The records tell nothing of {year}.").format(year=year)) from error
    return draft.edition, "draft" if draft.is_over else "not-over"
