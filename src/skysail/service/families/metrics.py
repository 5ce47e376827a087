"""The metrics of every noun that has any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from skysail.service import metric_series
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.nouns import (
    balancer_metrics,
    bucket_metrics,
    container_metrics,
    database_metrics,
    distribution_metrics,
    instance_metrics,
)
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.balancing import LOAD_BALANCER
from skysail.service.nouns.buckets import BUCKET
from skysail.service.nouns.containers import container_service
from skysail.service.nouns.databases import database
from skysail.service.nouns.distributions import distribution
from skysail.service.refusals import invalid
from skysail.service.resources import Resource

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetBucketMetricDataRequestTypeDef,
        GetContainerServiceMetricDataRequestTypeDef,
        GetDistributionMetricDataRequestTypeDef,
        GetInstanceMetricDataRequestTypeDef,
        GetLoadBalancerMetricDataRequestTypeDef,
        GetRelationalDatabaseMetricDataRequestTypeDef,
    )

family = Family("metrics")


@family.reads("GetInstanceMetricData", is_slow=True)
def get_instance_metric_data(context: Context, request: GetInstanceMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, with the statistics that are asked for; none while the instance did not run.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    instance = context.resources.get(INSTANCE, request["instanceName"])
    return _data(
        context, request, instance, instance_metrics.METRICS, lambda name: instance_metrics.sampler(instance, name)
    )


@family.reads("GetLoadBalancerMetricData", is_slow=True)
def get_load_balancer_metric_data(context: Context, request: GetLoadBalancerMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, with the statistics that are asked for; none where nothing happened.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    balancer = context.resources.get(LOAD_BALANCER, request["loadBalancerName"])
    return _data(
        context,
        request,
        balancer,
        balancer_metrics.METRICS,
        lambda name: balancer_metrics.sampler(context, balancer, name),
    )


@family.reads("GetContainerServiceMetricData", is_slow=True)
def get_container_service_metric_data(context: Context, request: GetContainerServiceMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, with the statistics that are asked for; none while no deployment runs.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    service = container_service(context, request["serviceName"])
    return _data(
        context, request, service, container_metrics.METRICS, lambda name: container_metrics.sampler(service, name)
    )


@family.reads("GetBucketMetricData", is_slow=True)
def get_bucket_metric_data(context: Context, request: GetBucketMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, one a day, with the statistics that are asked for; none while the bucket is empty.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    bucket = context.resources.get(BUCKET, request["bucketName"])
    return _data(context, request, bucket, bucket_metrics.METRICS, lambda name: bucket_metrics.sampler(bucket, name))


@family.reads("GetRelationalDatabaseMetricData", is_slow=True)
def get_relational_database_metric_data(
    context: Context, request: GetRelationalDatabaseMetricDataRequestTypeDef
) -> Answer:
    """Points of one metric, with the statistics that are asked for; none while the database was not up.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    measured = database(context, request["relationalDatabaseName"])
    return _data(
        context, request, measured, database_metrics.METRICS, lambda name: database_metrics.sampler(measured, name)
    )


@family.reads("GetDistributionMetricData", is_slow=True)
def get_distribution_metric_data(context: Context, request: GetDistributionMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, with the statistics that are asked for; none while the distribution is disabled.

    Raises InvalidInputException: another region, there is none of that name, period, times or statistics do not fit,
    or too many points.
    """
    found = distribution(context, request["distributionName"])
    return _data(
        context,
        request,
        found,
        distribution_metrics.METRICS,
        lambda name: distribution_metrics.sampler(found, name),
    )


def _data(
    context: Context,
    request: Mapping[str, Any],
    measured: Resource,
    metrics: Mapping[str, metric_series.Metric],
    sampler: Callable[[str], metric_series.Sampler],
) -> Answer:
    metric = metrics.get(request["metricName"])
    if metric is None:
        raise invalid(f"The metric name is not valid: {request['metricName']}")
    question = metric_series.asked(request, context.now)
    seed = metric_series.seed_of(measured.row.id)
    points = metric_series.points(metric, sampler(metric.name), question, seed, context.now)
    return {"metricName": metric.name, "metricData": points}
