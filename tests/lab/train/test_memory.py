from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytest.importorskip("torch")

# bytes are plain malloc; numpy asks for huge pages, torch for an alignment that malloc serves less evenly
STEPS = """
import resource, sys
from mien.lab.train.memory import keep_freed_memory
assert sys.argv[1] == "no" or keep_freed_memory()
def step():
    b"x" * (32 << 20)
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc")
def test_a_step_takes_its_memory_from_the_step_before() -> None:
    def faults(keep: str) -> int:
        done = subprocess.run([sys.executable, "-c", STEPS, keep], check=True, capture_output=True, text=True)
        return int(done.stdout)

    pages = (32 << 20) // 4096
    assert faults("no") > pages  # 8 times as many, unless pages are huge
    assert faults("yes") < pages / 8
