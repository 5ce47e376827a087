"""Instances behind load balancers: attached, healthy or not, detached, both sides alike.

A load balancer keeps its targets, in the order in which they were attached. One that is being attached or detached has
`until`, when that ends, and `entries`, the journal's that end with it; `registered` and `leaving` say since when it is
attached and since when it is being detached. An instance knows its load balancers. How healthy a target is follows from
the instance's state whenever somebody asks. Nothing is really sent to an instance: one that runs is healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from skysail.service.context import Context
from skysail.service.journal import Subject, about
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.instance_metrics import runs_of
from skysail.service.resources import Resource
from skysail.store.base import Due, Record

LOAD_BALANCER = "LoadBalancer"
STEP = "load_balancer.targets"
REMEMBERED_TARGETS = 50
"""How many of a load balancer's former targets are kept for its metrics."""
_ROUNDED_S = 0.001
"""By how much a due change can come before its time, as numbers have no end."""

Target = dict[str, Any]
Spell = tuple[float, float | None]
"""From when until when (None: still)."""


def targets(balancer: Resource) -> list[Target]:
    found: list[Target] = balancer.private.get("targets", [])
    return found


def balancers_of(instance: Resource) -> list[str]:
    """The names of the load balancers that an instance is behind."""
    names: list[str] = instance.private.get("loadBalancers", [])
    return names


def attach(context: Context, balancer: Resource, instances: Iterable[Resource]) -> list[Record]:
    """Begin to attach instances; gives the journal's entries. Saves both sides."""
    records: list[Record] = []
    new: list[Target] = []
    for instance in instances:
        entries = _started(context, "AttachInstancesToLoadBalancer", balancer, instance)
        until = context.now + context.timing.register_s
        new.append({"name": instance.name, "until": until, "entries": [entry.id for entry in entries]})
        instance.private["loadBalancers"] = [*balancers_of(instance), balancer.name]
        context.resources.save(instance)
        records += entries
    _keep(context, balancer, [*targets(balancer), *new])
    return records


def detach(context: Context, balancer: Resource, names: Sequence[str]) -> list[Record]:
    """Begin to detach instances: no new requests, time for those under way. Gives the journal's entries.

    What is still being attached ends as failed. Saves both sides.
    """
    leaving = {target["name"]: target for target in targets(balancer) if target["name"] in names}
    _fail(context, balancer, leaving.values(), "InstanceDetached", "The instance was detached.")
    records: list[Record] = []
    for name in names:
        instance = context.resources.get(INSTANCE, name)
        entries = _started(context, "DetachInstancesFromLoadBalancer", balancer, instance)
        until = context.now + context.timing.drain_s
        leaving[name] |= {"leaving": context.now, "until": until, "entries": [entry.id for entry in entries]}
        records += entries
    _keep(context, balancer, targets(balancer))
    return records


def passed(context: Context, balancer: Resource, due: Due) -> None:
    """The time of some targets has come: they are attached, or gone."""
    kept: list[Target] = []
    for target in targets(balancer):
        if "until" not in target or target["until"] > context.now + _ROUNDED_S:
            kept.append(target)
            continue
        context.journal.finish(replace(due, operation_ids=tuple(target.pop("entries"))))
        del target["until"]
        if "leaving" in target:
            _part(context, balancer, target)
        else:
            kept.append(target | {"registered": context.now})
    _keep(context, balancer, kept)


def leave_all(context: Context, instance: Resource) -> list[Record]:
    """Take an instance that is about to be deleted out of its load balancers; gives the journal's entries (inferred).

    It is gone from them at once; what was still going on there ends as failed.
    """
    records: list[Record] = []
    for name in balancers_of(instance):
        balancer = context.resources.get(LOAD_BALANCER, name)
        (target,) = [one for one in targets(balancer) if one["name"] == instance.name]
        _fail(context, balancer, [target], "InstanceDeleted", "The instance was deleted.")
        _part(context, balancer, target)
        _keep(context, balancer, [one for one in targets(balancer) if one["name"] != instance.name])
        records += context.journal.succeeded("DetachInstancesFromLoadBalancer", *_subjects(balancer, instance))
    return records


def let_all_go(context: Context, balancer: Resource) -> None:
    """Detach all instances from a load balancer that is about to be deleted, at once."""
    for target in targets(balancer):
        _forget(context, balancer, target["name"])


def health(context: Context, balancer: Resource) -> list[dict[str, str]]:
    """How each instance is, as a load balancer's document shows it. (States and reasons from the model; which of them
    it is follows from the instance's state, as in Elastic Load Balancing.)"""
    return [_health(context, target) for target in targets(balancer)]


def healthy_spells(context: Context, target: Target) -> list[Spell]:
    """When a target was healthy, oldest first: while it was attached and had run for long enough."""
    if "spells" in target:
        return [(since, until) for since, until in target["spells"]]
    instance = context.resources.find(INSTANCE, target["name"])
    registered = target.get("registered")
    if instance is None or registered is None:
        return []
    spells = []
    for run in runs_of(instance):
        since = max(run.since, registered) + context.timing.target_checks_s
        ends = [end for end in (run.until, target.get("leaving")) if end is not None]
        until = min(ends, default=None)
        if until is None or since < until:
            spells.append((since, until))
    return spells


def _health(context: Context, target: Target) -> dict[str, str]:
    state, reason = _state(context, target)
    shown = {"instanceName": target["name"], "instanceHealth": state}
    return shown if reason is None else shown | {"instanceHealthReason": reason}


def _state(context: Context, target: Target) -> tuple[str, str | None]:
    if "leaving" in target:
        return "draining", "Instance.DeregistrationInProgress"
    if "registered" not in target:
        return "initial", "Lb.RegistrationInProgress"
    instance = context.resources.get(INSTANCE, target["name"])
    if instance.state != "running":
        return "unused", "Instance.InvalidState"
    since = max(target["registered"], instance.private.get("runningSince", 0.0))
    if context.now < since + context.timing.target_checks_s:
        return "initial", "Lb.InitialHealthChecking"
    return "healthy", None


def _subjects(balancer: Resource, instance: Resource) -> tuple[Subject, Subject]:
    """Both sides; the instance stands in no zone here (seen)."""
    return about(balancer, instance.name), Subject(instance.name, INSTANCE, "all", balancer.name)


def _started(context: Context, operation: str, balancer: Resource, instance: Resource) -> list[Record]:
    return context.journal.started(operation, *_subjects(balancer, instance))


def _fail(context: Context, balancer: Resource, some: Iterable[Target], code: str, details: str) -> None:
    """What some targets were still doing ends as failed; what the others do goes on once the load balancer is kept."""
    entries = tuple(entry for target in some for entry in target.pop("entries", ()))
    for due in context.resources.not_any_more(balancer, STEP):
        context.journal.fail(replace(due, operation_ids=entries), code, details)


def _part(context: Context, balancer: Resource, target: Target) -> None:
    """A target is none any more: its instance forgets the load balancer, which remembers when it was healthy."""
    spells = [(since, context.now if until is None else until) for since, until in healthy_spells(context, target)]
    if "registered" in target:
        former = {"registered": target["registered"], "until": context.now, "spells": spells}
        balancer.private["formerTargets"] = [*balancer.private.get("formerTargets", []), former][-REMEMBERED_TARGETS:]
    _forget(context, balancer, target["name"])


def _forget(context: Context, balancer: Resource, name: str) -> None:
    instance = context.resources.get(INSTANCE, name)
    instance.private["loadBalancers"] = [name for name in balancers_of(instance) if name != balancer.name]
    context.resources.save(instance)


def _keep(context: Context, balancer: Resource, kept: list[Target]) -> None:
    """Save a load balancer with these targets, and have it looked at when the time of the first of them comes."""
    balancer.private["targets"] = kept
    context.resources.save(balancer)
    passing = [target for target in kept if "until" in target]
    if passing:
        found = (context.journal.find(entry) for target in passing for entry in target["entries"])
        entries = [entry for entry in found if entry is not None]
        first = min(target["until"] for target in passing)
        context.resources.later(balancer, STEP, first - context.now, entries)
