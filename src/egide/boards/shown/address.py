"""Which address is near a position, in the reader's words, from the authority's own list."""

import logging
from functools import cache

from django.conf import settings

from egide.boards.shown.words import language
from egide.common.text import read_in
from egide.geography.addresses.book import NoAddresses, book_at
from egide.geography.addresses.nearest import Nearest, nearest
from egide.geography.addresses.rows import AddressFileError
from egide.protocol.envelope import Position

log = logging.getLogger("egide.boards")


def address_near(position: Position) -> Nearest | None:
    """What may be said of where it is; None as long as no list of addresses can be read: boards go on without it."""
    book = book_at(settings.EGIDE.addresses_file)
    try:
        with read_in(language()):
            return nearest(book, position.lat_e7, position.lon_e7, position.accuracy_m)
    except NoAddresses:
        return None
    except AddressFileError as error:
        _note(str(error))
        return None


@cache
def _note(why: str) -> None:
    """Once: every page that is painted meets it."""
    log.error("boards show no addresses: %s", why)
