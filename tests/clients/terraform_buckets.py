"""What Terraform's AWS provider asks of buckets, of their access keys, and of the instances that may use them.

Like terraform_calls.py, from the provider's own source.
"""

from __future__ import annotations

from clients.terraform_calls import Kind, Provider, State, from_tags, given, to_tags


class Bucket(Kind):
    name = "aws_lightsail_bucket"
    replaced = frozenset({"name"})
    settable = replaced | {"bundle_id", "force_delete", "tags"}
    defaults = {"force_delete": False}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        order = {
            "bucketName": config["name"],
            "bundleId": config["bundle_id"],
            "tags": to_tags(config.get("tags")),
        }
        provider.wait(provider.api.create_bucket(**given(order))["operations"])
        return config["name"], {}

    def read(self, provider: Provider, state: State) -> State:
        """Without force_delete, which the service does not know."""
        (found,) = provider.api.get_buckets(bucketName=state["id"])["buckets"]
        return {
            "arn": found["arn"],
            "availability_zone": found["location"]["availabilityZone"],
            "bundle_id": found["bundleId"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "name": found["name"],
            "region": found["location"]["regionName"],
            "support_code": found["supportCode"],
            "tags": from_tags(found),
            "url": found["url"],
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        if state["bundle_id"] != config["bundle_id"]:
            answer = provider.api.update_bucket_bundle(bucketName=state["id"], bundleId=config["bundle_id"])
            provider.wait(answer["operations"])
        super().update(provider, state, config)

    def delete(self, provider: Provider, state: State) -> None:
        answer = provider.api.delete_bucket(bucketName=state["id"], forceDelete=state["force_delete"])
        provider.wait(answer["operations"])


class BucketAccessKey(Kind):
    name = "aws_lightsail_bucket_access_key"
    settable = replaced = frozenset({"bucket_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        answer = provider.api.create_bucket_access_key(bucketName=config["bucket_name"])
        provider.wait(answer["operations"])
        key = answer["accessKey"]
        return f"{config['bucket_name']},{key['accessKeyId']}", {"secret_access_key": key["secretAccessKey"]}

    def read(self, provider: Provider, state: State) -> State | None:
        bucket_name, key_id = state["id"].split(",")
        keys = provider.api.get_bucket_access_keys(bucketName=bucket_name)["accessKeys"]
        found = next((key for key in keys if key["accessKeyId"] == key_id), None)
        return found and {
            "access_key_id": found["accessKeyId"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "status": found["status"],
        }

    def delete(self, provider: Provider, state: State) -> None:
        bucket_name, key_id = state["id"].split(",")
        answer = provider.api.delete_bucket_access_key(bucketName=bucket_name, accessKeyId=key_id)
        provider.wait(answer["operations"])


class BucketResourceAccess(Kind):
    name = "aws_lightsail_bucket_resource_access"
    settable = replaced = frozenset({"bucket_name", "resource_name"})

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        identifier = f"{config['bucket_name']},{config['resource_name']}"
        self._set(provider, identifier, "allow")
        return identifier, {}

    def read(self, provider: Provider, state: State) -> State | None:
        bucket_name, resource_name = state["id"].split(",")
        found = provider.api.get_buckets(bucketName=bucket_name, includeConnectedResources=True)["buckets"]
        if resource_name not in [one["name"] for one in found[0]["resourcesReceivingAccess"]]:
            return None
        return {"bucket_name": bucket_name, "resource_name": resource_name}

    def delete(self, provider: Provider, state: State) -> None:
        self._set(provider, state["id"], "deny")

    def _set(self, provider: Provider, identifier: str, access: str) -> None:
        bucket_name, resource_name = identifier.split(",")
        answer = provider.api.set_resource_access_for_bucket(
            bucketName=bucket_name, resourceName=resource_name, access=access
        )
        provider.wait(answer["operations"])
