"""The pictures of every file that is imported after a look at what it does, for `tools.screenshots`."""

from functools import partial
from typing import NamedTuple

from playwright.sync_api import Page, expect

from tools.screenshots_access import ADMINISTRATOR
from tools.screenshots_kits import COORDINATOR
from tools.screenshots_studio import Shot, Studio

EVALUATOR = "evaluator-01"
PREVIEW, FAULTS = "#import", "[role=alert] table"
ZONES = (
    "id;name;centre;office\n5324;Mons/Quévy;HAI;mons\n5415;Gent-Merelbeke;OVL;oost-vlaanderen\n"
    "5998;Haute-Haine;HAI;mons\n"
)
TRAININGS = (
    "date;course;place;person;unit;passed\n2026-11-12;police;Jurbise;P-1042;5324;yes\n"
    "2026-11-12;police;Jurbise;P-2210;5324;no\n2026-11-19;magistrate;Bruxelles;M-0317;mons;yes\n"
)
DUTIES = (
    "kind;place;name;number;from;until\nzone;5324;Insp. 21 (démo);+32 000 20 000 1;2026-12-24 18:00;2026-12-25 06:00\n"
    "office;mons;Substitut 02 (démo);+32 000 40 000 2;2026-12-24 18:00;2026-12-28 08:00\n"
)
DELIVERY = (
    "kind;serial;model;sim\nbutton;B-20-1744;Model B;\nbutton;B-20-1745;Model B;\n"
    "phone;490154203237518;Model P;8932010000001234567\n"
)
KEYS = "kind;serial;model;button_key\nbutton;A0-17-44;Model B;3f0c\n"
WRONG_DELIVERY = (
    "kind;serial;model;sim\nbutton;A0-17-44;Model B;\nphone;123456789012345;Model P;\n"
    "lamp;A0-17-45;Model B;\nbutton;A0-17-44;Model B;\n"
)
ACCOUNTS = (
    "name;title;language;role;place\nzone-5324-11;Inspecteur 11 · Mons/Quévy;fr;zone-officer;Mons/Quévy\n"
    "zone-5415-12;Inspecteur 12 · Gent;nl;zone-officer;5415\nparquet-mons-12;Substitut 12 · Mons;fr;magistrate;mons\n"
)
WRONG_ACCOUNTS = (
    "name;title;language;role;place\nadmin-01;Inspecteur 11;fr;zone-officer;5324\n"
    "Zone 12;Inspecteur 12;nl;zone-officer;5415\nzone-5415-13;Inspecteur 13;nl;zone-officer;\n"
    "zone-5415-14;Inspecteur 14;es;sheriff;5415\n"
)
CALLS = "zone;day;hour;seconds\n5415;2022-05-04;14;845\n5324;2022-05-04;3;1210\n5324;2022-05-05;22;512\n"
WRONG_CALLS = "zone;day;hour;seconds\n0000;2022-05-04;14;845\n5324;demain;25;0\n"


class _File(NamedTuple):
    """A file, what its page shows then, and the picture of it; `in_four`: with a sheet."""

    text: str
    shows: str
    name: str
    caption: str
    in_four: bool = False


def _shoot(studio: Studio, who: str, path: str, language: str, *files: _File) -> None:
    with studio.window() as page:
        for file in files:
            studio.enter(page, who, path, language)
            _preview(page, file)
            studio.shoot(page, file.name, file.caption, whole=True)
            if file.in_four:
                # What is seen before an import is no address of its own: each language begins with the form.
                page.goto(studio.stack.host(who) + path)
                studio.sheet(page, file.name, partial(_preview, page, file))


def _preview(page: Page, file: _File) -> None:
    data = file.text.encode()
    page.set_input_files("#file", {"name": "file.csv", "mimeType": "text/csv", "buffer": data})
    page.click("#preview")
    expect(page.locator(file.shows)).to_be_visible()


def shoot_rollout_imports(studio: Studio) -> None:
    """Zones, who attended which training, and duty rosters."""
    zones = _File(ZONES, PREVIEW, "import-zones", "Zones: what a file would change, before it does (Dutch)")
    _shoot(studio, COORDINATOR, "/rollout/import/zones", "nl", zones)
    trainings = _File(TRAININGS, PREVIEW, "import-trainings", "Trainings before they are imported (French)")
    _shoot(studio, COORDINATOR, "/rollout/import/trainings", "fr", trainings)
    duties = _File(
        DUTIES, PREVIEW, "import-duties", "A duty roster before it is imported (French)", in_four=True
    )
    _shoot(studio, COORDINATOR, "/rollout/import/duties", "fr", duties)


def shoot_deliveries(studio: Studio) -> None:
    """A delivery for the stock, and two that are refused."""
    _shoot(
        studio,
        COORDINATOR,
        "/stock/import",
        "de",
        _File(DELIVERY, PREVIEW, "delivery", "A delivery before it is imported (German)"),
        _File(KEYS, FAULTS, "delivery-keys", "A delivery file that carries keys is refused (German)"),
        _File(
            WRONG_DELIVERY,
            FAULTS,
            "delivery-faults",
            "Every fault of a file, by line; nothing is imported (German)",
        ),
    )


def shoot_numbers(studio: Studio) -> None:
    """The numbers that figures are compared with."""
    studio.read_history()
    with studio.window() as page:
        studio.enter(page, EVALUATOR, "/figures/imports/", "fr")
        studio.shoot(page, "import-numbers", "Numbers to compare figures with (French)", whole=True)
        studio.sheet(page, "import-numbers")
    _shoot(
        studio,
        EVALUATOR,
        "/figures/imports/calls",
        "fr",
        _File(
            CALLS,
            PREVIEW,
            "import-calls",
            "Ordinary urgent calls before they are imported (French)",
            in_four=True,
        ),
        _File(WRONG_CALLS, FAULTS, "import-calls-faults", "What is wrong in a file of calls (French)"),
    )


def shoot_account_imports(studio: Studio) -> None:
    """Accounts by file: what is wrong in one, what another would do, and the codes that are shown once."""
    _shoot(
        studio,
        ADMINISTRATOR,
        "/import/accounts",
        "nl",
        _File(
            WRONG_ACCOUNTS, FAULTS, "import-accounts-faults", "What is wrong in a file of accounts (Dutch)"
        ),
    )
    accounts = _File(ACCOUNTS, PREVIEW, "import-accounts", "Accounts before they are asked for (French)")
    with studio.window() as page:
        studio.enter(page, ADMINISTRATOR, "/import/accounts", "fr")
        _preview(page, accounts)
        studio.shoot(page, accounts.name, accounts.caption, whole=True)
        page.click(PREVIEW)
        expect(page.locator("b.code").first).to_be_visible()
        studio.shoot(
            page,
            "import-accounts-codes",
            "The administrator's half of each way in, shown this once (French)",
            whole=True,
        )


SHOTS: tuple[Shot, ...] = (shoot_account_imports, shoot_rollout_imports, shoot_deliveries, shoot_numbers)
