"""Small helpers of the files' templates."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(words: Mapping[str, Any], code: str) -> Any:
    """The words of a code; a code that is not known stands for itself."""
    return words.get(code, code) if words else code
