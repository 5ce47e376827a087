"""Contact methods: where an alarm's notifications go."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("contact_methods")
