"""An instance's metadata service: how it may be asked."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("metadata_options")
