"""The functions of the package are the commands, and stay functions however often they run."""

import json

import benchwright as bw


def test_every_function_works_twice(tiny, tmp_path):
    for _ in range(2):
        report = bw.build(tiny, tmp_path / "set", overrides=["limit=2", "twins=null"], workers=1)
        assert bw.verify(tmp_path / "set", workers=1).problems == ()
        assert bw.show(tmp_path / "set").is_file()
        assert "simco" in bw.recipes()
        assert json.dumps(bw.schema())
        assert sum(report.dataset.splits().values()) == 8
