"""Alarms on an instance's metrics: put, look, test, delete. No notification is ever sent from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.errors import NotFoundException
from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import monitoring
from skysail.service.refusals import invalid, over_quota
from skysail.service.resources import Draft, Resource, resource
from skysail.service.tags import tags
from skysail.store.base import Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        DeleteAlarmRequestTypeDef,
        GetAlarmsRequestTypeDef,
        PutAlarmRequestTypeDef,
        TestAlarmRequestTypeDef,
    )

KIND = monitoring.ALARM
PAGE_SIZE = 20
"""Inferred from that of instances."""
MOST_OF_A_METRIC = 2
MOST_PERIODS = 288
"""A day of five minutes each (both sources: model)."""

family = Family("alarms")


@family.writes("PutAlarm")
def put_alarm(context: Context, request: PutAlarmRequestTypeDef) -> Answer:
    """Make an alarm, or change the one of that name, which keeps its state, its tags and what it is on.

    Raises NotFoundException: no such resource. Raises InvalidInputException: the metric is none of the resource's, has
    its two alarms already, or the rest does not fit.
    """
    monitored = _monitored(context, request["monitoredResourceName"])
    settings = _settings(request, monitored)
    former = context.resources.find(KIND, request["alarmName"], KIND)
    alarm = _changed(context, former, settings) if former else _new(context, request, monitored, settings)
    return {"operations": shown(context.journal.succeeded("PutAlarm", about(alarm)))}


@family.reads("GetAlarms")
def get_alarms(context: Context, request: GetAlarmsRequestTypeDef) -> Answer:
    """One page of all alarms, newest first; those of a resource, or the one of a name, where it is asked for.

    Raises NotFoundException: no alarm of that name. A resource without alarms, or an unknown one, has an empty list
    (inferred).
    """
    name, on = request.get("alarmName"), request.get("monitoredResourceName")
    if name is None and on is None:
        return context.listing(
            "alarms",
            request,
            lambda after, limit: context.resources.page(KIND, after, limit),
            PAGE_SIZE,
            lambda row: _shown(context, row),
        )
    if name is None:
        monitored = context.resources.of_any_kind(str(on))
        names = monitored.private.get("alarms", ()) if monitored else ()
        rows = [context.resources.row(KIND, one, KIND) for one in reversed(names)]
    else:
        rows = [context.resources.row(KIND, name, KIND)]
    alarms = [_shown(context, row) for row in rows]
    fitting = [alarm for alarm in alarms if on in (None, alarm["monitoredResourceInfo"]["name"])]
    return context.whole("alarms", request, fitting)


@family.writes("TestAlarm")
def test_alarm(context: Context, request: TestAlarmRequestTypeDef) -> Answer:
    """Show an alarm in a state until it is looked at next. Raises NotFoundException."""
    alarm = context.resources.get(KIND, request["alarmName"], KIND)
    alarm.private |= {"state": request["state"], "keptUntil": monitoring.next_look(context.now)}
    context.resources.save(alarm)
    return {"operations": shown(context.journal.succeeded("TestAlarm", about(alarm)))}


@family.writes("DeleteAlarm")
def delete_alarm(context: Context, request: DeleteAlarmRequestTypeDef) -> Answer:
    """Delete an alarm. Raises NotFoundException."""
    alarm = context.resources.get(KIND, request["alarmName"], KIND)
    context.resources.delete(alarm)
    on = alarm.document["monitoredResourceInfo"]
    monitored = context.resources.find(on["resourceType"], on["name"])
    if monitored is not None:
        monitored.private["alarms"] = [name for name in monitored.private.get("alarms", ()) if name != alarm.name]
        context.resources.save(monitored)
    return {"operations": shown(context.journal.succeeded("DeleteAlarm", about(alarm)))}


def _monitored(context: Context, name: str) -> Resource:
    found = context.resources.of_any_kind(name)
    if found is None:
        raise NotFoundException.because(f"The resource does not exist: {name}", "DoesNotExist")  # inferred
    return found


def _settings(request: PutAlarmRequestTypeDef, monitored: Resource) -> dict[str, Any]:
    """What an alarm is set to, with what it does not say as is usual. Texts inferred."""
    metric = monitoring.METRICS.get(monitored.row.kind, {}).get(request["metricName"])
    if metric is None:
        raise invalid(f"The metric is not valid for the resource type: {request['metricName']}")
    periods = request["evaluationPeriods"]
    if not 1 <= periods <= MOST_PERIODS:
        raise invalid(f"The evaluation periods must be between 1 and {MOST_PERIODS}: {periods}")
    datapoints = request.get("datapointsToAlarm", periods)
    if not 1 <= datapoints <= periods:
        raise invalid(f"The datapoints to alarm must be between 1 and the evaluation periods: {datapoints}")
    triggers = request.get("notificationTriggers", [monitoring.ALARMING])
    if monitoring.ALARMING not in triggers:
        raise invalid("The ALARM notification trigger must be specified.")
    return {
        "comparisonOperator": request["comparisonOperator"],
        "evaluationPeriods": periods,
        "period": monitoring.PERIOD_S,
        "threshold": float(request["threshold"]),
        "datapointsToAlarm": datapoints,
        "treatMissingData": request.get("treatMissingData", "missing"),
        "statistic": metric.useful,
        "metricName": metric.name,
        "unit": metric.unit,
        "contactProtocols": list(dict.fromkeys(request.get("contactProtocols", ()))),
        "notificationTriggers": list(dict.fromkeys(triggers)),
        "notificationEnabled": request.get("notificationEnabled", True),
        "monitoredResourceInfo": {
            "arn": monitored.document.get("arn")
            or identity.arn(monitored.row.place, monitored.row.kind, monitored.row.id),
            "name": monitored.name,
            "resourceType": monitored.row.kind,
        },
    }


def _new(
    context: Context, request: PutAlarmRequestTypeDef, monitored: Resource, settings: Mapping[str, Any]
) -> Resource:
    names = monitored.private.get("alarms", [])
    alarms = [context.resources.get(KIND, name, KIND) for name in names]
    if sum(alarm.document["metricName"] == settings["metricName"] for alarm in alarms) >= MOST_OF_A_METRIC:
        raise over_quota(f"You've reached the maximum number of alarms for this metric: {MOST_OF_A_METRIC}")
    resource_id = context.world.new_id()
    document = {
        "name": request["alarmName"],
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_code(context.place, resource_id),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        **settings,
        "tags": tags(request.get("tags", ())),
    }
    private = {"state": monitoring.UNKNOWN, "keptUntil": monitoring.next_look(context.now)}
    (alarm,) = context.resources.create(KIND, [Draft(resource_id, request["alarmName"], document, private)], KIND)
    monitored.private["alarms"] = [*names, alarm.name]
    context.resources.save(monitored)
    return alarm


def _changed(context: Context, alarm: Resource, settings: Mapping[str, Any]) -> Resource:
    """Resource and metric stay what they are (source: another provider's schema; text inferred)."""
    for member in ("monitoredResourceInfo", "metricName"):
        if alarm.document[member] != settings[member]:
            raise invalid(f"The resource and the metric of an alarm can't be changed: {alarm.name}")
    alarm.private |= {"state": monitoring.state(context, alarm), "keptUntil": monitoring.next_look(context.now)}
    alarm.document |= settings
    context.resources.save(alarm)
    return alarm


def _shown(context: Context, row: Row) -> dict[str, Any]:
    alarm = resource(row)
    return alarm.document | {"state": monitoring.state(context, alarm)}
