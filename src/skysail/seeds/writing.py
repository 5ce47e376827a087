"""Seeds as YAML: `reading.parsed` reads the same from it."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from skysail.seeds.format import Seed, said


def written(seeds: Iterable[Seed]) -> str:
    """A document a seed, with what is not as usual."""
    documents = [said(seed) for seed in seeds]
    return yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True
