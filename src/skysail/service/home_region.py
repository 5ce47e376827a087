"""What is asked for in us-east-1 alone: domains and distributions, which belong to no region."""

from __future__ import annotations

from skysail.service.context import Context
from skysail.service.refusals import unsupported

HOME = "us-east-1"


def check_home(context: Context, noun: str, resources: str) -> None:
    """Raises InvalidInputException in any other region; its text for domains is seen."""
    if context.region != HOME:
        raise unsupported(
            f"{noun}-related APIs are only available in the {HOME} Region. Please set your Region configuration to "
            f"{HOME} to create, view, or edit {resources}."
        )
