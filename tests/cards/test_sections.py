"""Sections: filled from the folder, and safe whatever the folder's words are."""

import dataclasses
import json
import re

import pyarrow as pa
import pytest
from built_set import carded, folder, withheld  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from benchwright import record_schema
from benchwright.cards.citations import Citation, citations_of
from benchwright.cards.facts import Facts
from benchwright.cards.release import Release
from benchwright.cards.sections import (
    SECTIONS,
    audits,
    balance,
    closing,
    details,
    licences,
    limits,
    measured,
    overview,
    structure,
    twins,
    withdrawn,
)
from benchwright.cards.sections.markdown import code, escape, folded, link, paragraph, table
from benchwright.cards.version import Version
from benchwright.recipe import Withdrawn

HOSTILE = st.text(
    alphabet=st.sampled_from(list("<>/!?&;`~|\\[]()*_#$-+=.:'\" \n\tabt1\u2028")), max_size=60
) | st.sampled_from([
    "<script>alert(1)</script>", "a | b", "```\nopen", "- ```\nx", "[x](javascript:alert(1))",
    "[x](javascript\\:alert(1))", "[x](java&#115;cript:alert(1))", "<!-- gone", "~~~", "1. one",
    "> ```\n> a", "``` a`b", "  ```\nx", "<details>", "x\n===", "[a]: javascript:alert(1)\n\n[a]",
])  # fmt: skip


def _tokens(markdown):
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    reader.validateLink = lambda address: True  # what a careless reader would do
    return [t for token in reader.parse(markdown) for t in (token, *(token.children or ()))]


def _shown(tokens):
    return "".join(token.content for token in tokens if token.type in ("text", "text_special"))


@given(HOSTILE)
def test_a_value_is_shown_as_it_is_and_is_nothing_but_text(value):
    line = " ".join(re.split(r"[\x00-\x20\x7f\x85\u2028\u2029]+", value)).strip()
    for place in (escape(value), f"- {escape(value)}", f"**x:** {escape(value)}"):
        tokens = _tokens(place)
        kinds = {token.type for token in tokens}
        assert not kinds & {
            "html_block",
            "html_inline",
            "link_open",
            "image",
            "code_inline",
            "fence",
            "em_open",
            "heading_open",
            "hr",
            "ordered_list_open",
        }
        assert _shown(tokens).removeprefix("x:").strip() == line  # fmt: skip


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=4))
def test_no_value_breaks_a_table(rows):
    text = table(("a", "b"), [(escape(a), code(b)) for a, b in rows])
    tokens = _tokens(text)
    assert [token.type for token in tokens].count("tr_open") == 1 + len(rows)
    assert [token.type for token in tokens].count("td_open") == 2 * len(rows)
    assert not {token.type for token in tokens} & {"html_inline", "html_block", "link_open"}


@given(HOSTILE)
def test_a_paragraph_holds_no_html_runs_no_code_and_ends_before_the_next_heading(text):
    tokens = _tokens(f"{paragraph(text)}\n\n## Next\n\nmore")
    assert not {token.type for token in tokens} & {"html_block", "html_inline"}
    links = [token.attrs.get("href", "") for token in tokens if token.type == "link_open"]
    assert not [href for href in links if re.match(r"\s*(java|vb)script\s*:", str(href), re.I)]
    last = [token for token in tokens if token.type == "heading_open"][-1]
    assert (last.tag, last.level) == ("h2", 0)
    assert _shown(tokens).endswith("Nextmore")


def test_whole_fenced_code_is_kept_as_it_is():
    fenced = "See:\n\n```python\nif a < b and c &lt; d: pass\n```\n\nEnd <b>."
    assert paragraph(fenced) == fenced.replace("<b>", "&lt;b>")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.b/c)d", "http://a b", ""])
def test_an_address_that_is_none_is_no_link(address):
    assert link("name", address) == "name"


def test_the_summary_of_a_folding_is_plain_text():
    assert "<summary>a &lt;b&gt;".replace("&gt;", ">") in folded("a <b>", "x")


def _fields(dtype, name=""):
    for field in dtype:
        inner = field.type.value_type if pa.types.is_list(field.type) else field.type
        yield f"{name}{field.name}"
        if pa.types.is_struct(inner):
            yield from _fields(inner, f"{name}{field.name}[].")


def test_every_field_of_a_record_is_explained_and_no_other():
    assert sorted(structure.FIELDS) == sorted(_fields(record_schema.SCENE))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.heading)
def test_a_section_fills_itself_and_shows_every_figure_it_draws(section, carded):  # noqa: F811
    facts = Facts.read(carded)
    if not section.applies(facts):
        of_another_kind = facts.kind.name not in section.kinds
        assert of_another_kind or section.needs == (audits.FILES,)
        return
    text = section.text(facts)
    assert text.strip()
    shown = re.findall(r"\(figures/([^)]+)\)", text)
    assert sorted(section.figures(facts)) == sorted(shown)


def test_a_published_card_pins_its_version(carded):  # noqa: F811
    facts = Facts.read(carded)
    digest = facts.dataset.digest
    hub = dataclasses.replace(facts, release=Release("org/tiny", Version(1, 2, 0), digest))
    assert 'revision="v1.2.0"' in overview.text(hub)
    assert 'bw.load("org/tiny@1.2.0"' in overview.text(hub)
    assert "`org/tiny`" in details.text(hub)
    store = dataclasses.replace(
        facts, release=Release("s3://bucket/tiny", Version(1, 2, 0), digest)
    )
    assert "load_dataset" not in overview.text(store)
    assert 'bw.load("s3://bucket/tiny@1.2.0"' in overview.text(store)


def test_withdrawn_samples_are_listed_with_their_reason(carded):  # noqa: F811
    facts = Facts.read(carded)
    assert withdrawn.text(facts) == "No sample has been withdrawn."
    gone = [Withdrawn(key="0" * 16, why="two objects | touch")]
    recipe = facts.recipe.model_copy(update={"withdrawn": gone})
    assert r"| `0000000000000000` | two objects \| touch |" in withdrawn.text(
        dataclasses.replace(facts, recipe=recipe)
    )


def test_balance_counts_what_the_samples_hold(carded):  # noqa: F811
    facts = Facts.read(carded)
    (figure,) = balance.figures(facts).values()
    for panel in figure.args[0]:
        rows = [r for r in facts.manifest.to_pylist() if r["config"] == panel.title]
        for index, name in enumerate(panel.rows):
            held = [
                sum(r["objects"][at] == name for r in rows) for at in range(panel.counts.shape[1])
            ]
            assert list(panel.counts[index]) == held  # fmt: skip


def test_the_design_is_called_balanced_only_where_it_is(carded):  # noqa: F811
    facts = Facts.read(carded)
    cut = dataclasses.replace(facts, recipe=facts.recipe.model_copy(update={"limit": 5}))
    assert "are counterbalanced" in overview.text(facts)
    assert "not counterbalanced" in overview.text(cut)
    assert "`limit: 5`" in balance.text(cut)
    assert "`limit: 5`" in limits.text(cut)


def test_measured_areas_are_those_of_the_masks(carded):  # noqa: F811
    facts = Facts.read(carded)
    text = measured.text(facts)
    said = re.search(r"Measured on (\d+) objects of (\d+) scenes", text)
    rows = re.findall(r"\| `(\w+)` \| (\d+) \| ([\d.]+) % \|", text)
    assert sum(int(count) for _, count, _ in rows) == int(said[1])
    median = {role: float(value) for role, _, value in rows}
    assert median["large"] > median["same"] > median["small"] > 0


def test_twins_are_counted_by_factor(carded):  # noqa: F811
    facts = Facts.read(carded)
    for (config, split), count in facts.dataset.splits().items():
        if config == "twins":
            assert f"| `{split}` | {count} |" in twins.text(facts)


def test_withheld_images_are_nowhere_shown(withheld):  # noqa: F811
    text = (withheld / "README.md").read_text("utf-8")
    assert "The images are withheld" in text
    assert "benchwright build recipe.yaml" in text
    assert Facts.read(withheld).dataset.digest in text
    assert not list((withheld / "figures").glob("*.jpg"))
    assert ".jpg)" not in text


def test_the_licences_of_all_parts_are_listed(carded):  # noqa: F811
    text = licences.text(Facts.read(carded))
    assert all(f"| {name} |" in text for name in ("cube", "sphere", "mug", "star", "cone"))


def _audit(folder, name, model, groups, measures=("drop",)):  # noqa: F811
    results = [
        {"measure": measure, "group": group, "n": 100 + at, "estimate": 0.3, "low": 0.2,
         "high": 0.4}
        for measure in measures for at, group in enumerate(groups)
    ]  # fmt: skip
    path = folder / "audits" / name / f"{model}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(
        {"audit": name, "model": model, "settings": {"labels": 1000}, "results": results}
    ))  # fmt: skip


def test_audits_find_their_place_with_n_and_interval(folder):  # noqa: F811
    from benchwright.cards import card
    from benchwright.cards.lint import lint

    _audit(folder, "group_gap", "vit-b", ["ostrich", "ice | bear $5"])
    _audit(folder, "openness", "vit-b", [f"group {at}" for at in range(60)])
    names = card.write(folder)
    text = (folder / "README.md").read_text("utf-8")
    assert "| vit-b | drop | ostrich | 100 | 0.300 | 0.200 to 0.400 |" in text
    assert r"ice \| bear \$5" in text
    assert "<summary>All 60 numbers</summary>" in text
    assert {"figures/audit-group_gap.png", "figures/audit-openness.png"} <= set(names)
    assert "A Sober Look" in text and "Delving into the Openness" in text
    assert lint(folder) == []


def test_models_are_drawn_against_each_other_where_two_have_both_accuracies(folder):  # noqa: F811
    def shown():
        return [name for name in audits.figures(Facts.read(folder)) if "robustness" in name]

    for model in ("vit-b", "vit-l"):
        assert shown() == []
        _audit(
            folder, "group_gap", model, ["", "ostrich"], ["accuracy, common", "accuracy, counter"]
        )
    facts = Facts.read(folder)
    assert shown() == ["audit-group_gap-robustness.png"]
    assert "(figures/audit-group_gap-robustness.png)" in audits.text(facts)
    assert audits.figures(facts)["audit-group_gap-robustness.png"]().startswith(b"\x89PNG")


def test_papers_are_cited_where_they_apply(carded):  # noqa: F811
    facts = Facts.read(carded)
    titles = [citation.title for citation in citations_of(facts)]
    assert any("CLIP Under the Microscope" in title for title in titles)
    assert not any("Sober" in title for title in titles)
    assert titles[-1] == "Benchwright"


def test_a_citation_reads_as_bibtex_and_as_apa():
    made = Citation("a2025b", (("Abbasi", "Reza"),), "On CLIP", "2025", "CVPR", "2502.19842",
                    others=True)  # fmt: skip
    assert made.apa() == "Abbasi, R., et al. (2025). On CLIP. CVPR. arXiv:2502.19842."
    assert "author = {Abbasi, Reza and others}" in made.bibtex()
    assert made.bibtex().startswith("@inproceedings{a2025b,\n")
    software = Citation("b", (("The developers", ""),), "B", version="1.0")
    assert software.apa() == "The developers. B (Version 1.0) [Computer software]."
    assert "author = {{The developers}}" in software.bibtex()


def test_the_glossary_speaks_of_twins_only_where_there_are_some(carded, withheld):  # noqa: F811
    assert "**twin:**" in closing.glossary(Facts.read(carded))
