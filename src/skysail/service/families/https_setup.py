"""HTTPS on an instance, set up by the service."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("https_setup")
