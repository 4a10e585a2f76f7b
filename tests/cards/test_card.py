"""The card as a whole: complete, repeatable, true after every build."""

import re
from importlib import resources
from pathlib import Path

import pytest
import yaml
from built_set import AUTHORED, carded, folder  # noqa: F401
from conftest import benchwright, contents

from benchwright.cards import card
from benchwright.cards.facts import Facts
from benchwright.cards.lint import lint
from benchwright.cards.sections import SECTIONS
from benchwright.cards.sections.section import Section
from benchwright.dataset import write_json
from benchwright.errors import DatasetError

HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


def _headings(text):
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    found = [
        (len(level), title.removesuffix(" [optional]")) for level, title in HEADING.findall(plain)
    ]
    return found


def test_every_heading_of_the_hubs_template_is_there_in_its_order(carded):  # noqa: F811
    template = resources.files("huggingface_hub") / "templates" / "datasetcard_template.md"
    wanted = _headings(template.read_text("utf-8").split("---\n", 2)[2])[1:]
    found = _headings((carded / "README.md").read_text("utf-8").split("---\n", 2)[2])
    assert len(wanted) > 20
    places = [found.index(heading) for heading in wanted]
    assert places == sorted(places)


def test_no_heading_is_empty(carded):  # noqa: F811
    body = (carded / "README.md").read_text("utf-8")
    for level, title in _headings(body):
        after = body.partition(f"\n{'#' * level} {title}\n")[2].lstrip()
        deeper = after.startswith("#" * (level + 1) + " ")
        assert after and (deeper or not after.startswith("#")), title


def test_a_card_is_sound_and_passes_lint(carded):  # noqa: F811
    assert lint(carded) == []
    assert benchwright("verify", carded).returncode == 0


def test_the_same_folder_gives_the_same_bytes_wherever_it_lies(folder, carded):  # noqa: F811
    names = card.write(folder)
    assert contents(folder) == contents(carded)
    assert {"README.md", "croissant.json", "eval.yaml", "figures/overview.jpg"} <= set(names)
    assert all((folder / name).is_file() for name in names)


def test_building_again_keeps_the_card(folder, tmp_path):  # noqa: F811
    (tmp_path / "tiny.yaml").write_text(AUTHORED)
    before = contents(folder)
    assert benchwright("build", tmp_path / "tiny.yaml", "--out", folder).returncode == 0
    assert contents(folder) == before


def test_an_appended_object_leaves_the_pictures_of_the_samples_that_were_there(
    folder,  # noqa: F811
    tmp_path,
):
    (tmp_path / "tiny.yaml").write_text(AUTHORED)
    before = {n: b for n, b in contents(folder).items() if re.match(r"figures/two-.*jpg", n)}
    names = "objects.names=[cube, sphere, mug, star, cone, moon]"
    built = benchwright("build", tmp_path / "tiny.yaml", "--out", folder, "--set", names)
    assert built.returncode == 0, built.stderr
    assert any(problem.where == "README.md" for problem in lint(folder))
    card.write(folder)
    after = contents(folder)
    assert len(before) == 2
    assert {name: after[name] for name in before} == before
    assert lint(folder) == []


def test_figures_that_no_section_shows_go_and_other_files_stay(folder):  # noqa: F811
    (folder / "figures" / "mine.png").write_bytes(b"a picture of mine")
    overview = (folder / "figures" / "overview.jpg").read_bytes()
    (folder / "figures" / "gone-split.jpg").write_bytes(overview)
    card.write(folder)
    assert not (folder / "figures" / "gone-split.jpg").exists()
    assert (folder / "figures" / "mine.png").exists()


def test_a_set_that_was_pulled_in_part_gets_no_card(folder):  # noqa: F811
    shard = Facts.read(folder).dataset.shards[0].shard
    write_json(folder / "pull.json", {"absent": [shard]})
    before = contents(folder)
    with pytest.raises(DatasetError, match="pull all of it"):
        card.write(folder)
    assert contents(folder) == before


def test_a_folder_without_a_dataset_is_refused_and_left_alone(tmp_path):
    with pytest.raises(DatasetError, match="no dataset here"):
        card.write(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_section_is_added_without_touching_the_card(folder, monkeypatch):  # noqa: F811
    drawn = (folder / "figures" / "overview.jpg").read_bytes()
    groups = Section(
        "## Groups",
        lambda facts: "Three groups.\n\n![groups](figures/groups.jpg)",
        needs=("groups.json",),
        figures=lambda facts: {"groups.jpg": lambda: drawn},
    )
    monkeypatch.setattr(card, "SECTIONS", (*SECTIONS, groups))
    card.write(folder)
    assert "## Groups" not in (folder / "README.md").read_text()
    write_json(folder / "groups.json", [1, 2, 3])
    card.write(folder)
    assert (folder / "README.md").read_text().endswith("![groups](figures/groups.jpg)\n")
    assert (folder / "figures" / "groups.jpg").read_bytes() == drawn
    assert lint(folder) == []


def test_the_change_log_is_begun_once_and_then_left_to_publishing(folder):  # noqa: F811
    assert "CHANGELOG.md" not in card.render(Facts.read(folder))
    (folder / "CHANGELOG.md").write_text("# Change log\n\n## 1.0.0\n\nAll of it.\n")
    card.write(folder)
    assert "All of it." in (folder / "CHANGELOG.md").read_text()


def test_what_a_person_wrote_stands_in_its_section(carded):  # noqa: F811
    body = (carded / "README.md").read_text("utf-8")
    places = [body.index(mark) for mark in (
        "Made to look at, **not** to measure.", "## Uses", "Ask what the paragraph", "## Bias",
        "It is small.", "## Dataset Card Authors", "- Ada Lovelace", "ada@example.org",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "<b>" not in body


def test_the_front_matter_is_what_the_hubs_client_reads(carded):  # noqa: F811
    from huggingface_hub import DatasetCard

    data = DatasetCard.load(carded / "README.md").data.to_dict()
    assert data["license"] == "apache-2.0"
    assert data["size_categories"] == ["n<1K"]
    assert data["task_categories"][0] == "zero-shot-image-classification"
    assert data["annotations_creators"] == ["machine-generated"]
    assert [config["config_name"] for config in data["configs"]] == [
        "two", "three", "free", "twins",
    ]  # fmt: skip
    assert yaml.safe_dump(data)  # plain values only


def test_the_first_screen_says_what_how_and_how_much(carded):  # noqa: F811
    body = (carded / "README.md").read_text("utf-8").partition("\n# ")[2]
    screen = body.partition("## Dataset Details")[0]
    facts = Facts.read(Path(carded))
    assert f"**{facts.manifest.num_rows} synthetic scenes**" in screen
    assert "figures/overview.jpg" in screen
    assert 'load_dataset("path/to/this/folder", "two", split="left_big")' in screen
    for (config, split), count in facts.dataset.splits().items():
        assert f"| `{config}` | `{split}` | {count} |" in screen
    assert len(screen.splitlines()) < 60
