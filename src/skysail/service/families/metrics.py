"""An instance's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import instance_metrics, metric_series
from skysail.service.attaching import INSTANCE
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.refusals import invalid

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import GetInstanceMetricDataRequestTypeDef

family = Family("metrics")


@family.reads("GetInstanceMetricData", is_slow=True)
def get_instance_metric_data(context: Context, request: GetInstanceMetricDataRequestTypeDef) -> Answer:
    """Points of one metric, with the statistics that are asked for; none while the instance did not run.

    Raises NotFoundException. Raises InvalidInputException: period, times or statistics do not fit, or too many points.
    """
    instance = context.resources.get(INSTANCE, request["instanceName"])
    metric = instance_metrics.METRICS.get(request["metricName"])
    if metric is None:
        raise invalid(f"The metric name is not valid: {request['metricName']}")
    question = metric_series.asked(request, context.now)
    sampler = instance_metrics.sampler(instance, metric.name)
    seed = metric_series.seed_of(instance.row.id)
    return {
        "metricName": metric.name,
        "metricData": metric_series.points(metric, sampler, question, seed, context.now),
    }
