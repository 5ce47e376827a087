"""What Terraform's AWS provider asks of Lightsail, as plain Python: a test needs neither Terraform nor the provider.

Each `Kind` is one resource type of the provider: the calls that create, read, change and delete it, in the
provider's order; the attributes that it records of the answers; and which differences between those and the
configuration a plan would show. `Provider` is what goes on around them: it asks for the caller's identity first,
waits for operations as the provider does, and replaces what cannot be changed in place.

The facts are those of the provider's own source, internal/service/lightsail, read in its versions 4 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

State = dict[str, Any]
"""What Terraform keeps of one resource, and what a configuration says of it: attribute -> value."""

DELAY_S, INTERVAL_S, TIMEOUT_S = 5, 3, 1200
"""Before an operation is first looked at, between two looks, and in all."""

DEFAULT_KEY = "LightsailDefaultKeyPair"


class Provider:
    """The provider, configured: `rest` lets time pass."""

    def __init__(self, lightsail: Any, sts: Any, rest: Callable[[float], object]) -> None:
        self.api = lightsail
        self._rest = rest
        self.account = str(sts.get_caller_identity()["Account"])

    # --- what `terraform` does with a resource --------------------------------------------------------------

    def apply(self, kind: Kind, config: Mapping[str, Any], state: State | None = None) -> State:
        """Create it, change it or replace it, as the plan's difference wants; gives the state then recorded."""
        wanted = {**kind.defaults, **config}
        if state is None or kind.replaced & self.plan(kind, config, state).keys():
            if state is not None:
                self.destroy(kind, state)
            identifier, kept = kind.create(self, wanted)
            state = {**wanted, **kept, "id": identifier}
        else:
            kind.update(self, state, wanted)
            state = {**state, **wanted}
        read = self.refresh(kind, state)
        assert read is not None, f"{kind.name} {state['id']} is not there after it was applied"
        return read

    def refresh(self, kind: Kind, state: State) -> State | None:
        """The state as the service now has it; None if the resource is gone."""
        try:
            read = kind.read(self, state)
        except self.api.exceptions.NotFoundException:
            return None
        return None if read is None else {**state, **read}

    def plan(self, kind: Kind, config: Mapping[str, Any], state: State) -> dict[str, tuple[Any, Any]]:
        """Attribute -> (what is, what is wanted), for each that differs."""
        wanted = {**kind.defaults, **config}
        return {
            name: (state.get(name), wanted.get(name))
            for name in kind.settable
            if not (name in kind.computed and name not in wanted)
            and not kind.same(name, state.get(name), wanted.get(name))
        }

    def destroy(self, kind: Kind, state: State) -> None:
        kind.delete(self, state)

    # --- what the kinds stand on ----------------------------------------------------------------------------

    def wait(self, operations: Sequence[Mapping[str, Any]]) -> None:
        """Until the first of the operations has succeeded; any state but "Started" before that is a failure."""
        assert operations, "no operations in the answer"
        identifier = operations[0]["id"]
        self.wait_until(
            ("Started",),
            ("Completed", "Succeeded"),
            lambda: str(self.api.get_operation(operationId=identifier)["operation"]["status"]),
        )

    def wait_for_instance(self, name: str) -> str:
        """Until the instance is running or stopped; gives which."""
        return self.wait_until(
            ("pending", "stopping"),
            ("stopped", "running"),
            lambda: str(self.api.get_instance_state(instanceName=name)["state"]["name"]),
        )

    def wait_until(self, pending: Sequence[str], wanted: Sequence[str], look: Callable[[], str]) -> str:
        """Until what is looked at is wanted; any state that is not pending before that is a failure."""
        self._rest(DELAY_S)
        for _ in range(TIMEOUT_S // INTERVAL_S):
            status = look()
            if status in wanted:
                return status
            assert status in pending, f"unexpected state {status!r}, wanted one of {wanted}"
            self._rest(INTERVAL_S)
        raise AssertionError(f"still not one of {wanted}")

    def update_tags(self, identifier: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """First the keys that go, then those that are new or have another value."""
        if removed := sorted(before.keys() - after.keys()):
            self.api.untag_resource(resourceName=identifier, tagKeys=removed)
        if updated := {key: value for key, value in after.items() if before.get(key) != value}:
            self.api.tag_resource(resourceName=identifier, tags=to_tags(updated))


class Kind:
    """One resource type."""

    name: str
    settable: frozenset[str]
    """What a configuration may say."""
    replaced: frozenset[str]
    """Of those: what cannot be changed in place."""
    computed: frozenset[str] = frozenset()
    """Of those: what is the service's where the configuration does not say."""
    defaults: Mapping[str, Any] = {}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """The identifier, and what only this answer tells."""
        raise NotImplementedError

    def read(self, provider: Provider, state: State) -> State | None:
        raise NotImplementedError

    def update(self, provider: Provider, state: State, config: State) -> None:
        """Tags are all that most kinds can change."""
        provider.update_tags(state["id"], state.get("tags") or {}, config.get("tags") or {})

    def delete(self, provider: Provider, state: State) -> None:
        raise NotImplementedError

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        """Absent, empty and zero are one to Terraform."""
        return (found or None) == (wanted or None)


class Instance(Kind):
    name = "aws_lightsail_instance"
    replaced = frozenset({"name", "availability_zone", "blueprint_id", "bundle_id", "key_pair_name", "user_data"})
    settable = replaced | {"add_on", "ip_address_type", "tags"}
    defaults = {"ip_address_type": "dualstack"}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        order = {
            "availabilityZone": config["availability_zone"],
            "blueprintId": config["blueprint_id"],
            "bundleId": config["bundle_id"],
            "instanceNames": [config["name"]],
            "keyPairName": config.get("key_pair_name"),
            "userData": config.get("user_data"),
            "ipAddressType": config["ip_address_type"],
            "tags": to_tags(config.get("tags")),
        }
        provider.wait(provider.api.create_instances(**given(order))["operations"])
        if is_enabled(config.get("add_on")):
            self._enable(provider, config["name"], config["add_on"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = provider.api.get_instance(instanceName=state["id"])["instance"]
        return {
            "add_on": [
                {"type": one["name"], "snapshot_time": one.get("snapshotTimeOfDay", ""), "status": one["status"]}
                for one in found.get("addOns", [])
            ],
            "arn": found["arn"],
            "availability_zone": found["location"]["availabilityZone"],
            "blueprint_id": found["blueprintId"],
            "bundle_id": found["bundleId"],
            "cpu_count": found["hardware"]["cpuCount"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "ip_address_type": found["ipAddressType"],
            "ipv6_addresses": found.get("ipv6Addresses", []),
            "is_static_ip": found["isStaticIp"],
            "key_pair_name": found["sshKeyName"],
            "name": found["name"],
            "private_ip_address": found.get("privateIpAddress"),
            "public_ip_address": found.get("publicIpAddress"),
            "ram_size": found["hardware"]["ramSizeInGb"],
            "tags": from_tags(found),
            "username": found["username"],
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        if state["ip_address_type"] != config["ip_address_type"]:
            answer = provider.api.set_ip_address_type(
                resourceName=state["id"], resourceType="Instance", ipAddressType=config["ip_address_type"]
            )
            provider.wait(answer["operations"])
        super().update(provider, state, config)
        if not self.same("add_on", state["add_on"], config.get("add_on")):
            self._change_add_on(provider, state["id"], state["add_on"], config.get("add_on"))

    def delete(self, provider: Provider, state: State) -> None:
        answer = provider.api.delete_instance(instanceName=state["id"], forceDeleteAddOns=True)
        provider.wait(answer["operations"])

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        if name == "key_pair_name" and found == DEFAULT_KEY and not wanted:
            return True
        return super().same(name, found, wanted)

    def _change_add_on(self, provider: Provider, name: str, found: list[State], wanted: list[State] | None) -> None:
        """An add-on that is on and stays on is switched off in between, as another time of day wants."""
        if is_enabled(found) or not is_enabled(wanted):
            answer = provider.api.disable_add_on(resourceName=name, addOnType=found[0]["type"])
            provider.wait(answer["operations"])
        if wanted and is_enabled(wanted):
            self._enable(provider, name, wanted)

    def _enable(self, provider: Provider, name: str, wanted: list[State]) -> None:
        request = {
            "addOnType": wanted[0]["type"],
            "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": wanted[0]["snapshot_time"]},
        }
        provider.wait(provider.api.enable_add_on(resourceName=name, addOnRequest=request)["operations"])


class StaticIp(Kind):
    name = "aws_lightsail_static_ip"
    settable = replaced = frozenset({"name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        provider.api.allocate_static_ip(staticIpName=config["name"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = provider.api.get_static_ip(staticIpName=state["id"])["staticIp"]
        return {
            "arn": found["arn"],
            "ip_address": found["ipAddress"],
            "name": found["name"],
            "support_code": found["supportCode"],
        }

    def delete(self, provider: Provider, state: State) -> None:
        provider.api.release_static_ip(staticIpName=state["name"])


class StaticIpAttachment(Kind):
    name = "aws_lightsail_static_ip_attachment"
    settable = replaced = frozenset({"static_ip_name", "instance_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """The operations in the answer are not waited for: the state is read at once."""
        provider.api.attach_static_ip(staticIpName=config["static_ip_name"], instanceName=config["instance_name"])
        return config["static_ip_name"], {}

    def read(self, provider: Provider, state: State) -> State | None:
        found = provider.api.get_static_ip(staticIpName=state["static_ip_name"])["staticIp"]
        if not found["isAttached"]:
            return None
        return {"instance_name": found["attachedTo"], "ip_address": found["ipAddress"]}

    def delete(self, provider: Provider, state: State) -> None:
        provider.api.detach_static_ip(staticIpName=state["static_ip_name"])


class KeyPair(Kind):
    name = "aws_lightsail_key_pair"
    replaced = frozenset({"name", "public_key"})
    settable = replaced | {"tags"}
    computed = frozenset({"public_key"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """Made by the service, or imported: a key in OpenSSH's one-line form, sent as it is."""
        name = config["name"]
        kept: State = {}
        if public_key := config.get("public_key"):
            answer = provider.api.import_key_pair(keyPairName=name, publicKeyBase64=public_key)
            provider.update_tags(name, {}, config.get("tags") or {})
        else:
            order = {"keyPairName": name, "tags": to_tags(config.get("tags"))}
            answer = provider.api.create_key_pair(**given(order))
            assert answer["keyPair"], "no key in the answer"
            kept = {"public_key": answer["publicKeyBase64"], "private_key": answer["privateKeyBase64"]}
        provider.wait([answer["operation"]])
        return name, kept

    def read(self, provider: Provider, state: State) -> State:
        found = provider.api.get_key_pair(keyPairName=state["id"])["keyPair"]
        return {
            "arn": found["arn"],
            "fingerprint": found["fingerprint"],
            "name": found["name"],
            "tags": from_tags(found),
        }

    def delete(self, provider: Provider, state: State) -> None:
        provider.wait([provider.api.delete_key_pair(keyPairName=state["id"])["operation"]])


class InstancePublicPorts(Kind):
    name = "aws_lightsail_instance_public_ports"
    settable = replaced = frozenset({"instance_name", "port_info"})

    _MEMBERS = {
        "fromPort": "from_port",
        "toPort": "to_port",
        "protocol": "protocol",
        "cidrs": "cidrs",
        "ipv6Cidrs": "ipv6_cidrs",
        "cidrListAliases": "cidr_list_aliases",
    }

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        rules = [self._to_wire(rule) for rule in config["port_info"]]
        provider.api.put_instance_public_ports(instanceName=config["instance_name"], portInfos=rules)
        return f"{config['instance_name']}-ports", {}

    def read(self, provider: Provider, state: State) -> State | None:
        found = provider.api.get_instance_port_states(instanceName=state["instance_name"])["portStates"]
        if not found:
            return None
        return {"port_info": [{ours: rule.get(wire) for wire, ours in self._MEMBERS.items()} for rule in found]}

    def delete(self, provider: Provider, state: State) -> None:
        """Rule by rule, each as it was last read."""
        for rule in state["port_info"]:
            provider.api.close_instance_public_ports(instanceName=state["instance_name"], portInfo=self._to_wire(rule))

    def same(self, name: str, found: Any, wanted: Any) -> bool:
        """Rules are a set, and so are the networks in one; what a rule does not say is the service's to say."""
        if name != "port_info":
            return super().same(name, found, wanted)
        left = list(found)
        for rule in wanted:
            fitting = [one for one in left if all(as_set(one[key]) == as_set(rule[key]) for key in rule)]
            if not fitting:
                return False
            left.remove(fitting[0])
        return not left

    def _to_wire(self, rule: State) -> State:
        """A port is always sent, an empty list of networks never."""
        return {wire: rule[ours] for wire, ours in self._MEMBERS.items() if rule.get(ours) not in (None, [])}


class Disk(Kind):
    name = "aws_lightsail_disk"
    replaced = frozenset({"name", "availability_zone", "size_in_gb"})
    settable = replaced | {"tags"}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        order = {
            "availabilityZone": config["availability_zone"],
            "sizeInGb": config["size_in_gb"],
            "diskName": config["name"],
            "tags": to_tags(config.get("tags")),
        }
        provider.wait(provider.api.create_disk(**given(order))["operations"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        found = provider.api.get_disk(diskName=state["id"])["disk"]
        return {
            "arn": found["arn"],
            "availability_zone": found["location"]["availabilityZone"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "name": found["name"],
            "size_in_gb": found["sizeInGb"],
            "support_code": found["supportCode"],
            "tags": from_tags(found),
        }

    def delete(self, provider: Provider, state: State) -> None:
        provider.wait(provider.api.delete_disk(diskName=state["id"])["operations"])


class DiskAttachment(Kind):
    name = "aws_lightsail_disk_attachment"
    settable = replaced = frozenset({"disk_name", "instance_name", "disk_path"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        answer = provider.api.attach_disk(
            diskName=config["disk_name"], diskPath=config["disk_path"], instanceName=config["instance_name"]
        )
        provider.wait(answer["operations"])
        return f"{config['disk_name']},{config['instance_name']}", {}

    def read(self, provider: Provider, state: State) -> State | None:
        disk_name, instance_name = state["id"].split(",")
        found = provider.api.get_disk(diskName=disk_name)["disk"]
        if not found.get("isAttached") or found["name"] != disk_name or found.get("attachedTo") != instance_name:
            return None
        return {"disk_name": found["name"], "disk_path": found["path"], "instance_name": found["attachedTo"]}

    def delete(self, provider: Provider, state: State) -> None:
        """A disk comes off a stopped instance only, which is started again afterwards, whatever it was before."""
        disk_name, instance_name = state["id"].split(",")
        if provider.wait_for_instance(instance_name) == "running":
            provider.wait(provider.api.stop_instance(instanceName=instance_name)["operations"])
        provider.wait(provider.api.detach_disk(diskName=disk_name)["operations"])
        if provider.wait_for_instance(instance_name) != "running":
            provider.wait(provider.api.start_instance(instanceName=instance_name)["operations"])


# --- between Terraform's forms and the wire's ------------------------------------------------------------------


def given(order: Mapping[str, Any]) -> State:
    """Without what is not said."""
    return {name: value for name, value in order.items() if value}


def to_tags(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in (tags or {}).items()]


def from_tags(found: Mapping[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in found.get("tags", [])}


def is_enabled(add_on: Sequence[Mapping[str, str]] | None) -> bool:
    return bool(add_on) and add_on[0]["status"] == "Enabled"


def as_set(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value
