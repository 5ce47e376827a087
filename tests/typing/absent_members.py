"""Members that an answer may lack, as pyright is set out of the box.

Neither Lightsail's model nor types-boto3-lightsail promises any member of an instance, so pyright complains of a
subscript (reportTypedDictNotRequiredAccess), as it does with boto3; mypy does not. Both know the type behind it.
"""

from __future__ import annotations

from typing import assert_type

import skysail


def in_pages(client: skysail.Client) -> None:
    for page in client.get_paginator("get_instances").paginate():
        for instance in page["instances"]:
            assert_type(instance["username"], str)  # pyright: ignore[reportTypedDictNotRequiredAccess]
            assert_type(instance.get("username"), str | None)
            if "hardware" in instance and "cpuCount" in instance["hardware"]:
                assert_type(instance["hardware"]["cpuCount"], int)
