"""What a caller sees of everything, and what holds of it at every moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

import skysail
from running_server import REGION

LISTINGS = {  # method: its member, and the method and argument that show one alone
    "get_instances": ("instances", "get_instance", "instanceName"),
    "get_disks": ("disks", "get_disk", "diskName"),
    "get_static_ips": ("staticIps", "get_static_ip", "staticIpName"),
    "get_instance_snapshots": ("instanceSnapshots", "get_instance_snapshot", "instanceSnapshotName"),
    "get_disk_snapshots": ("diskSnapshots", "get_disk_snapshot", "diskSnapshotName"),
}

Documents = dict[str, dict[str, Any]]


def connected(url: str, account: str = "123456789012") -> skysail.Client:
    """A client that never asks twice: what came of a request is what came of its only try."""
    return skysail.client(
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


def resources(client: skysail.Client) -> Documents:
    """All resources by name, through all pages. No name comes twice, and both sides of what is attached agree."""
    found = [document for method, (member, _, _) in LISTINGS.items() for document in listed(client, method, member)]
    twice = [name for name, count in Counter(document["name"] for document in found).items() if count > 1]
    assert not twice, f"these come twice: {twice}"
    documents = {document["name"]: document for document in found}
    check_attachments(documents)
    return documents


def listed(client: skysail.Client, method: str, member: str, token: str | None = None) -> Iterator[dict[str, Any]]:
    """A listing through all pages, or what is behind a token."""
    while True:
        answer = getattr(client, method)(**({} if token is None else {"pageToken": token}))
        yield from answer[member]
        token = answer.get("nextPageToken")
        if token is None:
            return


def check_attachments(documents: Documents) -> None:
    instances = _of(documents, "Instance")
    shown = [
        (name, disk)
        for name, instance in instances.items()
        for disk in instance["hardware"]["disks"]
        if not disk["isSystemDisk"]
    ]
    attached = [(disk["attachedTo"], disk) for disk in _of(documents, "Disk").values() if disk["isAttached"]]
    assert sorted(shown, key=_name) == sorted(attached, key=_name), "disks and instances tell two stories"
    addresses = _of(documents, "StaticIp").values()
    held = {one["attachedTo"]: one["ipAddress"] for one in addresses if one["isAttached"]}
    have = {name: instance["publicIpAddress"] for name, instance in instances.items() if instance["isStaticIp"]}
    assert held == have, "static IPs and instances tell two stories"


def check_alone(client: skysail.Client, document: dict[str, Any]) -> None:
    """One alone is shown as in its listing."""
    for _, get, argument in LISTINGS.values():
        if argument == f"{document['resourceType'][0].lower()}{document['resourceType'][1:]}Name":
            answer = getattr(client, get)(**{argument: document["name"]})
            assert document in answer.values()


@dataclass
class Journal:
    """The entries of an account by id, read on from where it was read last."""

    entries: Documents = field(default_factory=dict)

    def read_on(self, client: skysail.Client) -> Documents:
        """The entries that are new; none comes twice."""
        fresh: Documents = {}
        for entry in listed(client, "get_operations", "operations"):
            if entry["id"] in self.entries:
                break
            assert entry["id"] not in fresh, f"the entry {entry['id']} comes twice"
            fresh[entry["id"]] = entry
        self.entries |= fresh
        return fresh

    def check_all(self, client: skysail.Client) -> None:
        """All that was ever read is still there, and nothing else."""
        entries = list(listed(client, "get_operations", "operations"))
        assert len(entries) == len(self.entries)
        assert {entry["id"]: entry for entry in entries} == self.entries


@dataclass
class Walk:
    """A walk over the instances, page by page, that goes on after the server was killed and started again."""

    names: list[str] = field(default_factory=list)
    token: str | None = None

    def step(self, client: skysail.Client) -> None:
        """Take the next page; the first again behind the last."""
        answer = client.get_instances(**({"pageToken": self.token} if self.token else {}))
        names = [instance["name"] for instance in answer["instances"]]
        self.names = [*self.names, *names] if self.token else names
        self.token = answer.get("nextPageToken")

    def finish(self, client: skysail.Client, there_all_the_time: set[str]) -> bool:
        """Go on behind the last page; False where the walk was at its end. Nothing comes twice or is left out."""
        if self.token is None:
            return False
        while self.token:
            self.step(client)
        assert len(set(self.names)) == len(self.names), "an instance came twice on the pages of one walk"
        assert there_all_the_time <= set(self.names), "an instance was left out of a walk"
        return True


def _of(documents: Documents, kind: str) -> Documents:
    return {name: document for name, document in documents.items() if document["resourceType"] == kind}


def _name(pair: tuple[str, dict[str, Any]]) -> str:
    return str(pair[1]["name"])
