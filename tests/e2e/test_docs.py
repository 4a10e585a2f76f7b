"""Every command and every Python block of the README and the guides runs, in order."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from forked_commands import BUILDING, ForkedCommands
from hub_server import LocalHub, hub

__all__ = ["hub"]
ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "docs/assets.md",
    "docs/blender.md",
    "docs/cards.md",
    "docs/corpus.md",
    "docs/exports.md",
    "docs/extend.md",
    "docs/models.md",
    "docs/publish.md",
    "docs/pull.md",
    "docs/recipes.md",
    "docs/text-sets.md",
]
Run = Callable[[list[str]], subprocess.CompletedProcess[str]]
BLOCK = re.compile(r"^```(sh|python|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LARGE = {
    "benchwright build simco --out runs/simco": "--limit 2",
    "benchwright build comco --out runs/comco": "--limit 2",
}
"""To what takes hours: what is added whenever it is run."""

SMALLER = {
    "benchwright build simco-demo": "--limit 8",
    "benchwright build simco-demo --out runs/demo": "--limit 8",
    "benchwright corpus build corpus-demo --out runs/corpus": "--set rows=250",
    "benchwright mine counteranimal-demo --out runs/mined": "--set source.corpus=few.yaml "
    "--set 'classes=[train, zebra]' --set 'backgrounds=[rock, snow]' --set groups.minimum=15 "
    "--workers 2",
}
"""To what takes minutes: what is added where pages are run for their commands, not their sets."""

FEW = """
recipe: 1
kind: corpus
name: corpus-mining
title: Trains and zebras
rows: 600
backgrounds: [rock, snow]
classes: [{name: train, home: snow, share: 0.5}, {name: zebra, home: rock, share: 0.5}]
sizes: {least: 96, most: 128}
slow_seconds: 0
"""
MADE = ("make demo", "make test", "make blender")  # whole runs of their own


def _run(command: str, folder: Path, run: Run) -> None:
    words = shlex.split(command)
    target = None
    if ">" in words:
        target = folder / words.pop()
        words.remove(">")
    ran = run(words)
    assert ran.returncode == 0, f"{command}\n{ran.stderr}"
    if target:
        target.write_text(ran.stdout)


def _environment(folder: Path, hub: LocalHub) -> dict[str, str]:
    caches = {"BENCHWRIGHT_CACHE": str(folder / "cache"),
              "HF_DATASETS_CACHE": str(folder / "datasets")}  # fmt: skip
    return hub.environment(folder / "hf") | caches


def _started(folder: Path, env: dict[str, str]) -> Run:
    """Each command as a user starts it."""
    return lambda words: subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=env, capture_output=True, text=True
    )


@contextmanager
def _forked(page: str, folder: Path, env: dict[str, str]) -> Iterator[Run]:
    """Each command in a fork of one process that has imported what the page needs."""
    models = ("benchwright.curation.models.calibration", "timm") if "models" in page else ()
    commands = ForkedCommands(env, (*BUILDING, "huggingface_hub.hf_api", *models))
    try:
        yield lambda words: commands.run(*words[1:], cwd=folder)
    finally:
        commands.close()


def _follow(page: str, folder: Path, env: dict[str, str], run: Run, added: dict[str, str]) -> None:
    """Do in an empty folder what the page says, from its first block to its last."""
    (folder / "few.yaml").write_text(FEW)
    scripts = []
    for kind, text in BLOCK.findall((ROOT / page).read_text("utf-8")):
        if kind == "yaml":
            (folder / "pairs.yaml").write_text(text)
        elif kind == "python":
            scripts.append(text)
            script = folder / "script.py"
            script.write_text("".join(scripts))
            ran = subprocess.run(
                [sys.executable, script], cwd=folder, env=env, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr
        else:
            lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
            for line in lines:
                if line.startswith("benchwright"):
                    _run(f"{line} {added.get(line, '')}", folder, run)
                elif line:
                    assert line.partition("#")[0].strip() in MADE


@pytest.mark.parametrize("page", PAGES)
def test_commands_run_as_written(page, tmp_path, hub: LocalHub):
    if page == "docs/blender.md" and not shutil.which("blender"):
        pytest.skip("there is no blender on the PATH")
    env = _environment(tmp_path, hub)
    whole = page == "docs/cards.md"  # one of the pages that build the demo builds all of it
    added = LARGE if whole else LARGE | SMALLER
    if page == "README.md":
        _follow(page, tmp_path, env, _started(tmp_path, env), added)
        return
    with _forked(page, tmp_path, env) as run:
        _follow(page, tmp_path, env, run, added)


@pytest.mark.slow
def test_the_readme_runs_on_the_demos_as_they_are(tmp_path, hub: LocalHub):
    env = _environment(tmp_path, hub)
    _follow("README.md", tmp_path, env, _started(tmp_path, env), LARGE)


def test_every_page_with_commands_is_in_the_list():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    commands = [p for p in pages if re.search(r"^benchwright ", p.read_text("utf-8"), re.MULTILINE)]
    assert [p.relative_to(ROOT).as_posix() for p in commands] == PAGES


def test_every_link_to_a_file_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
