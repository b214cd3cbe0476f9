"""Telephone numbers as links that dial (tel:, RFC 3966)."""

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from egide.common.telephones import dial_of, find_numbers

register = template.Library()


@register.filter
def dialled(text: str) -> SafeString:
    """The text with each telephone number in it as a link that dials."""
    if dial_of(text):
        return _link(text.strip())
    parts, at = [], 0
    for match in find_numbers(text):
        parts += [conditional_escape(text[at : match.start()]), _link(match.group())]
        at = match.end()
    return format_html_join("", "{}", ((part,) for part in (*parts, conditional_escape(text[at:]))))


def _link(written: str) -> SafeString:
    return format_html('<a class="dial num" href="tel:{}">{}</a>', dial_of(written), written)
