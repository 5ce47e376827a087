"""What a type checker sees of the paginators: for each operation its arguments, its pages and its items.

A stub without a module: nothing here is there at run time, where `pages.py` and `async_pages.py` do it all for every
operation alike. The types are those of types-boto3-lightsail; where that is not installed, they are Any. The arguments
are the model's, which knows some before that package does.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Generic, Literal, TypedDict, TypeVar, overload

from types_boto3_lightsail.literals import AppCategoryType
from types_boto3_lightsail.type_defs import (
    BlueprintTypeDef,
    BundleTypeDef,
    CloudFormationStackRecordTypeDef,
    DiskSnapshotTypeDef,
    DiskTypeDef,
    DomainTypeDef,
    ExportSnapshotRecordTypeDef,
    GetActiveNamesResultTypeDef,
    GetBlueprintsResultTypeDef,
    GetBundlesResultTypeDef,
    GetCloudFormationStackRecordsResultTypeDef,
    GetDiskSnapshotsResultTypeDef,
    GetDisksResultTypeDef,
    GetDomainsResultTypeDef,
    GetExportSnapshotRecordsResultTypeDef,
    GetInstanceSnapshotsResultTypeDef,
    GetInstancesResultTypeDef,
    GetKeyPairsResultTypeDef,
    GetLoadBalancersResultTypeDef,
    GetOperationsResultTypeDef,
    GetRelationalDatabaseBlueprintsResultTypeDef,
    GetRelationalDatabaseBundlesResultTypeDef,
    GetRelationalDatabaseEventsResultTypeDef,
    GetRelationalDatabaseParametersResultTypeDef,
    GetRelationalDatabaseSnapshotsResultTypeDef,
    GetRelationalDatabasesResultTypeDef,
    GetStaticIpsResultTypeDef,
    InstanceSnapshotTypeDef,
    InstanceTypeDef,
    KeyPairTypeDef,
    LoadBalancerTypeDef,
    OperationTypeDef,
    RelationalDatabaseBlueprintTypeDef,
    RelationalDatabaseBundleTypeDef,
    RelationalDatabaseEventTypeDef,
    RelationalDatabaseParameterTypeDef,
    RelationalDatabaseSnapshotTypeDef,
    RelationalDatabaseTypeDef,
    StaticIpTypeDef,
)
from typing_extensions import ReadOnly

from skysail.caller.async_pages import AsyncPageIterator
from skysail.caller.pages import BasePaginator, Listing, PageIterator

Page = TypeVar("Page")
Item = TypeVar("Item")
Listed = TypeVar("Listed", bound=Listing)

# -- what a paginate() gives

class Pages(PageIterator, Generic[Page, Item]):
    """The pages of one listing, and its items."""

    def __iter__(self) -> Iterator[Page]: ...  # type: ignore[override]  # a TypedDict is no dict to a checker
    def items(self, fields: Iterable[str] | None = None) -> Iterator[Item]: ...

class AsyncPages(AsyncPageIterator, Generic[Page, Item]):
    """The same for `async for`."""

    def __aiter__(self) -> AsyncIterator[Page]: ...  # type: ignore[override]
    def items(self, fields: Iterable[str] | None = None) -> AsyncIterator[Item]: ...

# -- what a paginate() takes: all of them a PaginationConfig and fetch_ahead, some an operation's own arguments

class PaginationConfig(TypedDict, total=False):
    """Read only, so that types-boto3's own, which knows no None, is one too. No operation here has a PageSize."""

    MaxItems: ReadOnly[int | None]
    StartingToken: ReadOnly[str | None]

class Paginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]  # as the others: nothing but what is named
        self, *, fetch_ahead: Literal[0, 1] = 0, PaginationConfig: PaginationConfig = ...
    ) -> Listed: ...

class CataloguePaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self,
        *,
        fetch_ahead: Literal[0, 1] = 0,
        PaginationConfig: PaginationConfig = ...,
        includeInactive: bool = ...,
        appCategory: AppCategoryType = ...,
    ) -> Listed: ...

class InstancesPaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self,
        *,
        fetch_ahead: Literal[0, 1] = 0,
        PaginationConfig: PaginationConfig = ...,
        includeHealthStatus: bool = ...,
    ) -> Listed: ...

class KeyPairsPaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self,
        *,
        fetch_ahead: Literal[0, 1] = 0,
        PaginationConfig: PaginationConfig = ...,
        includeDefaultKeyPair: bool = ...,
    ) -> Listed: ...

class DatabaseBundlesPaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self, *, fetch_ahead: Literal[0, 1] = 0, PaginationConfig: PaginationConfig = ..., includeInactive: bool = ...
    ) -> Listed: ...

class DatabaseEventsPaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self,
        *,
        relationalDatabaseName: str,
        fetch_ahead: Literal[0, 1] = 0,
        PaginationConfig: PaginationConfig = ...,
        durationInMinutes: int = ...,
    ) -> Listed: ...

class DatabaseParametersPaginator(BasePaginator[Listed]):
    def paginate(  # type: ignore[override]
        self,
        *,
        relationalDatabaseName: str,
        fetch_ahead: Literal[0, 1] = 0,
        PaginationConfig: PaginationConfig = ...,
    ) -> Listed: ...

# -- the pages: answers, and the NextToken that a page has when the listing can go on behind it

class ActiveNamesPage(GetActiveNamesResultTypeDef, total=False):
    NextToken: str

class BlueprintsPage(GetBlueprintsResultTypeDef, total=False):
    NextToken: str

class BundlesPage(GetBundlesResultTypeDef, total=False):
    NextToken: str

class CloudFormationStackRecordsPage(GetCloudFormationStackRecordsResultTypeDef, total=False):
    NextToken: str

class DiskSnapshotsPage(GetDiskSnapshotsResultTypeDef, total=False):
    NextToken: str

class DisksPage(GetDisksResultTypeDef, total=False):
    NextToken: str

class DomainsPage(GetDomainsResultTypeDef, total=False):
    NextToken: str

class ExportSnapshotRecordsPage(GetExportSnapshotRecordsResultTypeDef, total=False):
    NextToken: str

class InstanceSnapshotsPage(GetInstanceSnapshotsResultTypeDef, total=False):
    NextToken: str

class InstancesPage(GetInstancesResultTypeDef, total=False):
    NextToken: str

class KeyPairsPage(GetKeyPairsResultTypeDef, total=False):
    NextToken: str

class LoadBalancersPage(GetLoadBalancersResultTypeDef, total=False):
    NextToken: str

class OperationsPage(GetOperationsResultTypeDef, total=False):
    NextToken: str

class RelationalDatabaseBlueprintsPage(GetRelationalDatabaseBlueprintsResultTypeDef, total=False):
    NextToken: str

class RelationalDatabaseBundlesPage(GetRelationalDatabaseBundlesResultTypeDef, total=False):
    NextToken: str

class RelationalDatabaseEventsPage(GetRelationalDatabaseEventsResultTypeDef, total=False):
    NextToken: str

class RelationalDatabaseParametersPage(GetRelationalDatabaseParametersResultTypeDef, total=False):
    NextToken: str

class RelationalDatabaseSnapshotsPage(GetRelationalDatabaseSnapshotsResultTypeDef, total=False):
    NextToken: str

class RelationalDatabasesPage(GetRelationalDatabasesResultTypeDef, total=False):
    NextToken: str

class StaticIpsPage(GetStaticIpsResultTypeDef, total=False):
    NextToken: str

# -- get_paginator(), by name. Any other name is fine for a checker: operations with a page token that botocore has no
# paginator for, those of a newer botocore, a name in a variable.

class Paginators:
    @overload
    def __call__(self, operation_name: Literal["get_active_names"]) -> Paginator[Pages[ActiveNamesPage, str]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_blueprints"]
    ) -> CataloguePaginator[Pages[BlueprintsPage, BlueprintTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_bundles"]
    ) -> CataloguePaginator[Pages[BundlesPage, BundleTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_cloud_formation_stack_records"]
    ) -> Paginator[Pages[CloudFormationStackRecordsPage, CloudFormationStackRecordTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_disk_snapshots"]
    ) -> Paginator[Pages[DiskSnapshotsPage, DiskSnapshotTypeDef]]: ...
    @overload
    def __call__(self, operation_name: Literal["get_disks"]) -> Paginator[Pages[DisksPage, DiskTypeDef]]: ...
    @overload
    def __call__(self, operation_name: Literal["get_domains"]) -> Paginator[Pages[DomainsPage, DomainTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_export_snapshot_records"]
    ) -> Paginator[Pages[ExportSnapshotRecordsPage, ExportSnapshotRecordTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_instance_snapshots"]
    ) -> Paginator[Pages[InstanceSnapshotsPage, InstanceSnapshotTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_instances"]
    ) -> InstancesPaginator[Pages[InstancesPage, InstanceTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_key_pairs"]
    ) -> KeyPairsPaginator[Pages[KeyPairsPage, KeyPairTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_load_balancers"]
    ) -> Paginator[Pages[LoadBalancersPage, LoadBalancerTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_operations"]
    ) -> Paginator[Pages[OperationsPage, OperationTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_blueprints"]
    ) -> Paginator[Pages[RelationalDatabaseBlueprintsPage, RelationalDatabaseBlueprintTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_bundles"]
    ) -> DatabaseBundlesPaginator[Pages[RelationalDatabaseBundlesPage, RelationalDatabaseBundleTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_events"]
    ) -> DatabaseEventsPaginator[Pages[RelationalDatabaseEventsPage, RelationalDatabaseEventTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_parameters"]
    ) -> DatabaseParametersPaginator[Pages[RelationalDatabaseParametersPage, RelationalDatabaseParameterTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_snapshots"]
    ) -> Paginator[Pages[RelationalDatabaseSnapshotsPage, RelationalDatabaseSnapshotTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_databases"]
    ) -> Paginator[Pages[RelationalDatabasesPage, RelationalDatabaseTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_static_ips"]
    ) -> Paginator[Pages[StaticIpsPage, StaticIpTypeDef]]: ...
    @overload
    def __call__(self, operation_name: str) -> BasePaginator[Pages[Any, Any]]: ...

class AsyncPaginators:
    @overload
    def __call__(self, operation_name: Literal["get_active_names"]) -> Paginator[AsyncPages[ActiveNamesPage, str]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_blueprints"]
    ) -> CataloguePaginator[AsyncPages[BlueprintsPage, BlueprintTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_bundles"]
    ) -> CataloguePaginator[AsyncPages[BundlesPage, BundleTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_cloud_formation_stack_records"]
    ) -> Paginator[AsyncPages[CloudFormationStackRecordsPage, CloudFormationStackRecordTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_disk_snapshots"]
    ) -> Paginator[AsyncPages[DiskSnapshotsPage, DiskSnapshotTypeDef]]: ...
    @overload
    def __call__(self, operation_name: Literal["get_disks"]) -> Paginator[AsyncPages[DisksPage, DiskTypeDef]]: ...
    @overload
    def __call__(self, operation_name: Literal["get_domains"]) -> Paginator[AsyncPages[DomainsPage, DomainTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_export_snapshot_records"]
    ) -> Paginator[AsyncPages[ExportSnapshotRecordsPage, ExportSnapshotRecordTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_instance_snapshots"]
    ) -> Paginator[AsyncPages[InstanceSnapshotsPage, InstanceSnapshotTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_instances"]
    ) -> InstancesPaginator[AsyncPages[InstancesPage, InstanceTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_key_pairs"]
    ) -> KeyPairsPaginator[AsyncPages[KeyPairsPage, KeyPairTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_load_balancers"]
    ) -> Paginator[AsyncPages[LoadBalancersPage, LoadBalancerTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_operations"]
    ) -> Paginator[AsyncPages[OperationsPage, OperationTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_blueprints"]
    ) -> Paginator[AsyncPages[RelationalDatabaseBlueprintsPage, RelationalDatabaseBlueprintTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_bundles"]
    ) -> DatabaseBundlesPaginator[AsyncPages[RelationalDatabaseBundlesPage, RelationalDatabaseBundleTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_events"]
    ) -> DatabaseEventsPaginator[AsyncPages[RelationalDatabaseEventsPage, RelationalDatabaseEventTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_parameters"]
    ) -> DatabaseParametersPaginator[
        AsyncPages[RelationalDatabaseParametersPage, RelationalDatabaseParameterTypeDef]
    ]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_database_snapshots"]
    ) -> Paginator[AsyncPages[RelationalDatabaseSnapshotsPage, RelationalDatabaseSnapshotTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_relational_databases"]
    ) -> Paginator[AsyncPages[RelationalDatabasesPage, RelationalDatabaseTypeDef]]: ...
    @overload
    def __call__(
        self, operation_name: Literal["get_static_ips"]
    ) -> Paginator[AsyncPages[StaticIpsPage, StaticIpTypeDef]]: ...
    @overload
    def __call__(self, operation_name: str) -> BasePaginator[AsyncPages[Any, Any]]: ...
