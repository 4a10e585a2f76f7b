"""The demo set is for a look: where it holds too few samples to conclude from, it says so."""

from benchwright.api_audit import audit
from benchwright.audit_report import show_audits
from benchwright.builders.build import build
from benchwright.cards.audits.result import FEWEST
from benchwright.recipe_file import load

LIGHT = ("image.size=64", "objects.look=flat", "objects.materials=[rubber]")
"""As many scenes as the demo has, drawn in a tenth of the time."""


def test_what_rests_on_few_samples_is_called_too_few_to_conclude_and_no_other(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", "200")
    build(load("simco-demo", LIGHT), tmp_path / "demo", workers=1)
    only = ("matching", "caption_order")
    runs = audit(tmp_path / "demo", "calibration/planted", only, workers=1)
    show_audits(tmp_path / "demo", runs)
    lines = capsys.readouterr().err.splitlines()
    rows = [line.strip(" │").split("│") for line in lines if "objects" in line]
    said = [(int(row[2].replace(",", "")), row[-1].strip()) for row in rows if len(row) == 5]
    assert {n < FEWEST for n, _ in said} == {True, False}
    for n, interval in said:
        assert (interval == "too few") == (n < FEWEST), (n, interval)
