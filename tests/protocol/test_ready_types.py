"""Types that several threads meet for the first time at once: msgspec 0.22 ends the process where one is half made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import skysail

TOGETHER = """
import sys
from threading import Barrier, Thread

sys.setswitchinterval(1e-6)

def together(works):
    barrier = Barrier(8)
    def each():
        for work in works:
            barrier.wait()
            work()
    threads = [Thread(target=each) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

OF_THE_MODEL = """
import json
from functools import partial
from skysail.protocol.model import service_model
from skysail.protocol.types import answer_decoder, request_decoder, stored_decoder

model = service_model()

def sample(name, depth=4):
    shape = model.shape(name)
    if shape.type == "structure":
        return {member: sample(of.shape, depth - 1) for member, of in shape.members.items()} if depth else {}
    if shape.type == "list":
        return [sample(shape.member.shape, depth - 1)] if depth else []
    if shape.type == "map":
        return {}
    if shape.enum:
        return shape.enum[0]
    return {"string": "x", "boolean": True, "blob": "x"}.get(shape.type, 1)

def decoded(make, name, text):
    try:
        make(name).decode(text)
    except ValueError:
        pass  # a sample need not have all that is required

works = []
for name in model:
    operation = model.operation(name)
    for make, shape in ((answer_decoder, operation.output), (request_decoder, operation.input)):
        if shape is not None:
            works.append(partial(decoded, make, shape, json.dumps(sample(shape)).encode()))
    if operation.output is not None:
        works.append(partial(decoded, stored_decoder, operation.output, json.dumps(sample(operation.output)).encode()))
together(works)
"""

OF_A_MODULE = """
import importlib, sys
import msgspec

def is_learned(kind):
    learned = []
    def watch(frame, event, argument):
        if event == "call" and frame.f_code.co_name == "get_class_annotations":
            learned.append(frame.f_locals["obj"])
    sys.setprofile(watch)
    try:
        msgspec.json.Decoder(kind)
    finally:
        sys.setprofile(None)
    return not learned

class New(msgspec.Struct):
    a: int

assert not is_learned(New) and is_learned(New)
module = importlib.import_module(sys.argv[1])
kinds = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
assert kinds
wrong = [one for one in kinds if one.__name__ not in sys.argv[2:] and not is_learned(one)]
assert not wrong, wrong
"""

SOURCE = Path(skysail.__file__).parent
MODULES = sorted(
    ".".join(("skysail", *path.relative_to(SOURCE).with_suffix("").parts))
    for path in SOURCE.rglob("*.py")
    if re.search(r"^class \w+\(.*Struct\b", path.read_text(), re.MULTILINE)
)
NEVER_READ = ("Struct", "Copied", "_Item")
"""Types that nothing is read into by themselves."""


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=100)


@pytest.mark.parametrize("attempt", range(2))
def test_threads_may_meet_a_shape_for_the_first_time_together(attempt: int) -> None:
    done = run(TOGETHER + OF_THE_MODEL)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_module_s_types_are_learned_when_it_is_imported(module: str) -> None:
    done = run(OF_A_MODULE, module, *NEVER_READ)
    assert done.returncode == 0, done.stderr
