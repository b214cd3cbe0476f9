"""The journal: what happened, written once, durable before anybody hears of it, never changed."""

import egide.alarm.events
import egide.events  # noqa: F401  with both, every event that stands in it is known
