"""Calls of the instance's whole world, drawn at random: names from small pools, so that calls meet one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

INSTANCES = ["web-1", "web-2", "web-3", "batch"]
DISKS = ["data-1", "data-2", "data-3"]
STATIC_IPS = ["address-1", "address-2"]
KEY_PAIRS = ["key-1"]
SNAPSHOTS = ["kept-1", "kept-2"]
DISK_SNAPSHOTS = ["disk-kept-1", "disk-kept-2"]
ALARMS = ["alarm-1", "alarm-2"]
EVERYTHING = [*INSTANCES, *DISKS, *STATIC_IPS, *KEY_PAIRS, *SNAPSHOTS, *DISK_SNAPSHOTS]

Arguments = st.SearchStrategy[dict[str, Any]]


def of(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


def call(optional: Mapping[str, Any] | None = None, **arguments: Any) -> Arguments:
    """The arguments of one call: a value that stands, a list to draw one from, or a strategy."""

    def strategy(value: Any) -> st.SearchStrategy[Any]:
        if isinstance(value, st.SearchStrategy):
            return value
        return st.sampled_from(value) if isinstance(value, list) else st.just(value)

    return st.fixed_dictionaries(
        {name: strategy(value) for name, value in arguments.items()},
        optional={name: strategy(value) for name, value in (optional or {}).items()},
    )


SOME_INSTANCES = st.lists(st.sampled_from(INSTANCES), min_size=1, max_size=2, unique=True)
ANY_TAGS = st.lists(
    st.fixed_dictionaries({"key": of("a", "b", "c")}, optional={"value": of("", "x")}),
    max_size=2,
    unique_by=lambda tag: str(tag["key"]),
)
AUTO_SNAPSHOT = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}
ADD_ONS = [[AUTO_SNAPSHOT], [{"addOnType": "AutoSnapshot"}]]
PORT = st.fixed_dictionaries(
    {"fromPort": st.sampled_from([22, 80, 8000]), "toPort": st.sampled_from([80, 8080]), "protocol": of("tcp", "udp")},
    optional={
        "cidrs": st.lists(of("192.0.2.1", "198.51.100.0/24"), max_size=2, unique=True),
        "ipv6Cidrs": st.just(["2001:db8::/32"]),
        "cidrListAliases": st.just(["lightsail-connect"]),
    },
)
ZONES = ["us-east-1a", "us-east-1b"]
DATES = ["2023-11-15", "2023-11-16"]


def from_either(manual: dict[str, Any], automatic: dict[str, Any], **arguments: Any) -> Arguments:
    """From a manual snapshot or an automatic one, said rightly; now and then said wrongly."""
    wrong = manual | automatic | {"useLatestRestorableAutoSnapshot": True, "restoreDate": DATES}
    return st.one_of(
        call(**manual, **arguments),
        call(**automatic, useLatestRestorableAutoSnapshot=True, **arguments),
        call(**automatic, restoreDate=DATES, **arguments),
        call(wrong, **arguments),
    )


_ORDER = {"availabilityZone": "us-east-1a", "bundleId": "nano_3_0"}
BEGINNING: list[tuple[str, dict[str, Any]]] = [
    ("CreateInstances", {"instanceNames": ["web-1", "web-2"], "blueprintId": "ubuntu_24_04", **_ORDER}),
    ("CreateDisk", {"diskName": "data-1", "availabilityZone": "us-east-1a", "sizeInGb": 8}),
    ("CreateDisk", {"diskName": "data-2", "availabilityZone": "us-east-1a", "sizeInGb": 8}),
    ("AllocateStaticIp", {"staticIpName": "address-1"}),
    ("AttachDisk", {"diskName": "data-2", "instanceName": "web-2", "diskPath": "/dev/xvdf"}),
    ("AttachDisk", {"diskName": "data-1", "instanceName": "web-1", "diskPath": "/dev/xvdf"}),
    ("AttachStaticIp", {"staticIpName": "address-1", "instanceName": "web-1"}),
    ("EnableAddOn", {"resourceName": "web-1", "addOnRequest": AUTO_SNAPSHOT}),
    ("EnableAddOn", {"resourceName": "data-1", "addOnRequest": {"addOnType": "AutoSnapshot"}}),
    ("CreateInstanceSnapshot", {"instanceSnapshotName": "kept-1", "instanceName": "web-1"}),
    ("CreateDiskSnapshot", {"diskSnapshotName": "disk-kept-1", "diskName": "data-1"}),
    ("CreateKeyPair", {"keyPairName": "key-1"}),
    ("CreateContactMethod", {"protocol": "Email", "contactEndpoint": "someone@example.com"}),
    ("StopInstance", {"instanceName": "web-2"}),
]
"""A world with something to most names."""

CHANGES: dict[str, Arguments] = {
    "CreateInstances": call(
        {"tags": ANY_TAGS, "keyPairName": KEY_PAIRS, "addOns": ADD_ONS, "ipAddressType": ["ipv4", "dualstack"]},
        instanceNames=SOME_INSTANCES,
        availabilityZone=ZONES,
        blueprintId=["amazon_linux_2023", "ubuntu_24_04", "windows_server_2022"],
        bundleId=["nano_3_0", "medium_win_3_0"],
    ),
    "StartInstance": call(instanceName=INSTANCES),
    "StopInstance": call(instanceName=INSTANCES),
    "RebootInstance": call(instanceName=INSTANCES),
    "DeleteInstance": call({"forceDeleteAddOns": [True, False]}, instanceName=INSTANCES),
    "OpenInstancePublicPorts": call(instanceName=INSTANCES, portInfo=PORT),
    "CloseInstancePublicPorts": call(instanceName=INSTANCES, portInfo=PORT),
    "PutInstancePublicPorts": call(instanceName=INSTANCES, portInfos=st.lists(PORT, max_size=2)),
    "AllocateStaticIp": call(staticIpName=STATIC_IPS),
    "AttachStaticIp": call(staticIpName=STATIC_IPS, instanceName=INSTANCES),
    "DetachStaticIp": call(staticIpName=STATIC_IPS),
    "ReleaseStaticIp": call(staticIpName=STATIC_IPS),
    "CreateDisk": call({"tags": ANY_TAGS, "addOns": ADD_ONS}, diskName=DISKS, availabilityZone=ZONES, sizeInGb=[8, 32]),
    "CreateDiskFromSnapshot": from_either(
        {"diskSnapshotName": DISK_SNAPSHOTS},
        {"sourceDiskName": DISKS},
        diskName=["data-3", *DISKS],
        availabilityZone=ZONES,
        sizeInGb=[8, 64],
    ),
    "AttachDisk": call(diskName=DISKS, instanceName=INSTANCES, diskPath=["/dev/xvdf", "/dev/xvdg"]),
    "DetachDisk": call(diskName=DISKS),
    "DeleteDisk": call({"forceDeleteAddOns": [True, False]}, diskName=["data-3", *DISKS]),
    "CreateDiskSnapshot": call(
        {"diskName": DISKS, "instanceName": INSTANCES, "tags": ANY_TAGS}, diskSnapshotName=DISK_SNAPSHOTS
    ),
    "DeleteDiskSnapshot": call(diskSnapshotName=DISK_SNAPSHOTS),
    "CreateInstanceSnapshot": call({"tags": ANY_TAGS}, instanceSnapshotName=SNAPSHOTS, instanceName=INSTANCES),
    "DeleteInstanceSnapshot": call(instanceSnapshotName=SNAPSHOTS),
    "CreateInstancesFromSnapshot": from_either(
        {"instanceSnapshotName": SNAPSHOTS},
        {"sourceInstanceName": INSTANCES},
        instanceNames=st.just(["web-3"]),
        attachedDiskMapping=[{}, {"web-3": [{"originalDiskPath": "/dev/xvdf", "newDiskName": "data-3"}]}],
        addOns=[[], *ADD_ONS],
        availabilityZone=ZONES,
        bundleId=["nano_3_0", "micro_3_0"],
    ),
    "CopySnapshot": from_either(
        {"sourceSnapshotName": [*SNAPSHOTS, *DISK_SNAPSHOTS]},
        {"sourceResourceName": [*INSTANCES, *DISKS]},
        targetSnapshotName=["kept-3", "disk-kept-3", *SNAPSHOTS],
        sourceRegion="us-east-1",
    ),
    "DeleteAutoSnapshot": call(resourceName=[*INSTANCES, *DISKS], date=["2023-11-15", "2023-11-16"]),
    "ExportSnapshot": call(sourceSnapshotName=[*SNAPSHOTS, *DISK_SNAPSHOTS]),
    "CreateKeyPair": call({"tags": ANY_TAGS}, keyPairName=KEY_PAIRS),
    "DeleteKeyPair": call(keyPairName=KEY_PAIRS),
    "DeleteKnownHostKeys": call(instanceName=INSTANCES),
    "TagResource": call(resourceName=EVERYTHING, tags=ANY_TAGS),
    "UntagResource": call(resourceName=EVERYTHING, tagKeys=st.lists(of("a", "b"), min_size=1, unique=True)),
    "EnableAddOn": call(resourceName=[*INSTANCES, *DISKS], addOnRequest=[AUTO_SNAPSHOT, {"addOnType": "AutoSnapshot"}]),
    "DisableAddOn": call(resourceName=[*INSTANCES, *DISKS], addOnType="AutoSnapshot"),
    "SetIpAddressType": call(
        {"acceptBundleUpdate": [True]},
        resourceType="Instance",
        resourceName=INSTANCES,
        ipAddressType=["ipv4", "dualstack", "ipv6"],
    ),
    "UpdateInstanceMetadataOptions": call(
        {"httpTokens": ["required", "optional"], "httpPutResponseHopLimit": [1, 2, 65], "httpEndpoint": ["disabled"]},
        instanceName=INSTANCES,
    ),
    "PutAlarm": call(
        {"treatMissingData": ["breaching", "ignore"], "datapointsToAlarm": [1]},
        alarmName=ALARMS,
        metricName=["CPUUtilization", "StatusCheckFailed"],
        monitoredResourceName=INSTANCES,
        comparisonOperator="GreaterThanThreshold",
        threshold=[0.0, 50.0],
        evaluationPeriods=[1, 2],
    ),
    "TestAlarm": call(alarmName=ALARMS, state=["ALARM", "OK"]),
    "DeleteAlarm": call(alarmName=ALARMS),
    "CreateContactMethod": call(protocol="Email", contactEndpoint="someone@example.com"),
    "SendContactMethodVerification": call(protocol="Email"),
    "DeleteContactMethod": call(protocol="Email"),
    "SetupInstanceHttps": call(
        instanceName=INSTANCES,
        emailAddress="someone@example.com",
        domainNames=st.just(["example.com"]),
        certificateProvider="LetsEncrypt",
    ),
}
"""What changes something, and arguments for it."""

LOOKS: dict[str, Arguments] = {
    "GetInstanceState": call(instanceName=INSTANCES),
    "GetInstancePortStates": call(instanceName=INSTANCES),
    "GetInstanceAccessDetails": call(instanceName=INSTANCES),
    "GetAutoSnapshots": call(resourceName=[*INSTANCES, *DISKS]),
    "GetSetupHistory": call(resourceName=INSTANCES),
    "GetAlarms": call({"monitoredResourceName": INSTANCES}),
    "GetContactMethods": call(),
    "GetExportSnapshotRecords": call(),
    "GetCloudFormationStackRecords": call(),
    "GetOperationsForResource": call(resourceName=EVERYTHING),
    "GetInstanceMetricData": call(
        instanceName=INSTANCES,
        metricName=["CPUUtilization", "BurstCapacityPercentage"],
        period=300,
        startTime=1_700_000_000,
        endTime=1_700_003_600,
        unit="Percent",
        statistics=st.just(["Average", "Maximum"]),
    ),
}
"""What only looks, beside the listings."""


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    operation = draw(st.sampled_from([*CHANGES, *LOOKS]))
    return operation, draw((CHANGES | LOOKS)[operation])
