"""`make fuzz-guided ARGS="calls -max_total_time=600"`: cases of one target, led by the code they reach (atheris).

What stands behind the target's name goes to libFuzzer. A find ends the run, with the case in a file; the same case
again: `make fuzz ARGS="--again TARGET HEX"`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["skysail", "fuzz"]):
    from fuzz.choices import Choices
    from fuzz.table import TARGETS


def main() -> None:
    name, *others = sys.argv[1:]
    target = TARGETS[name]

    def one(octets: bytes) -> None:
        target(Choices(octets))

    atheris.Setup([sys.argv[0], "-max_len=2000", "-len_control=0", *others], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
