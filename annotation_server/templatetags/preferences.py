"""`{{ preferences|as_json }}`: preferences in an attribute of the page, for its modules."""

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Compact JSON; the template escapes it like any text."""
    return json.dumps(value or {}, ensure_ascii=False, separators=(",", ":"))
