"""The bench of the class audits runs them whole, and says what they took."""

import re
import subprocess
import sys

import pytest

SMALL = ("--images", "6000", "--classes", "60", "--width", "64")


@pytest.mark.slow
def test_both_audits_run_and_say_time_and_memory():
    command = [sys.executable, "tools/bench_audits.py", *SMALL]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = re.findall(
        r"^(\w+): [\d.]+ s \([\d.]+ of CPU\), peak ([\d,]+) MB, ([\d,]+)", said, re.M
    )
    assert [name for name, _, _ in lines] == ["openness", "worst_classes"]
    for _, peak, before in lines:
        assert int(peak.replace(",", "")) - int(before.replace(",", "")) < 200
