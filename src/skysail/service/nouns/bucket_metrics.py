"""What a bucket's metrics are like: once a day, what its tags say is in it; nothing while it is empty (user guide)."""

from __future__ import annotations

from skysail.service.metric_series import DAY_S, Metric, Sample, Sampler
from skysail.service.nouns.buckets import contents
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("BucketSizeBytes", "Bytes", DAY_S, "Maximum"),
        Metric("NumberOfObjects", "Count", DAY_S, "Average"),
    )
}


def sampler(bucket: Resource, name: str) -> Sampler:
    """The samples of one of a bucket's metrics: it holds what its tags say since it was created."""
    held = contents(bucket)
    value = float(held.size if name == "BucketSizeBytes" else held.objects)
    created_at = bucket.document["createdAt"]

    def sample(time: int) -> Sample | None:
        return Sample(value, value, value) if held.objects and time >= created_at else None

    return sample
