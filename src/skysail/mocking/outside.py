"""What is no business of a mock: calls of other services, refused with the way to let them out."""

from __future__ import annotations

import sys

from skysail.errors import OutsideMockError


def refused(service: str, operation: str) -> OutsideMockError:
    return OutsideMockError(
        f"{service}.{operation} would leave this process; skysail mocks lightsail and sts.GetCallerIdentity — "
        f'allow it: skysail.mock(passthrough=["{service}"]), or open moto\'s mock_aws too'
    )


def is_moto_active() -> bool:
    """Whether moto's mock_aws is open, so that what is not ours is its."""
    models = sys.modules.get("moto.core.models")
    stubber = getattr(models, "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))
