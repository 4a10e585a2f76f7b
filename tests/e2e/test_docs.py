"""Every command and every Python block of the README and the guides runs, in order."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
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
BLOCK = re.compile(r"^```(sh|python|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LARGE = ("benchwright build simco --out runs/simco", "benchwright build comco --out runs/comco")
MADE = ("make demo", "make test", "make blender")  # whole runs of their own


def _run(command: str, folder: Path, env: dict[str, str]) -> None:
    if command in LARGE:
        command += " --limit 2"
    words = [sys.executable, "-m", *shlex.split(command)]
    target = None
    if ">" in words:
        target = folder / words.pop()
        words.remove(">")
    ran = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{command}\n{ran.stderr}"
    if target:
        target.write_text(ran.stdout)


@pytest.mark.parametrize("page", PAGES)
def test_commands_run_as_written(page, tmp_path, hub: LocalHub):
    env = {**hub.environment(tmp_path / "hf"), "BENCHWRIGHT_CACHE": str(tmp_path / "cache")}
    env["HF_DATASETS_CACHE"] = str(tmp_path / "datasets")
    if page == "docs/blender.md" and not shutil.which("blender"):
        pytest.skip("there is no blender on the PATH")
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    scripts = []
    for kind, text in blocks:
        if kind == "yaml":
            (tmp_path / "pairs.yaml").write_text(text)
        elif kind == "python":
            scripts.append(text)
            script = tmp_path / "script.py"
            script.write_text("".join(scripts))
            ran = subprocess.run(
                [sys.executable, script], cwd=tmp_path, env=env, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr
        else:
            lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
            for line in lines:
                if line.startswith("benchwright"):
                    _run(line, tmp_path, env)
                elif line:
                    assert line.partition("#")[0].split() in (
                        ["make", "demo"],
                        ["make", "test"],
                        ["make", "blender"],
                    )


def test_every_page_with_commands_is_in_the_list():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    commands = [p for p in pages if re.search(r"^benchwright ", p.read_text("utf-8"), re.MULTILINE)]
    assert [p.relative_to(ROOT).as_posix() for p in commands] == PAGES


def test_every_link_to_a_file_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
