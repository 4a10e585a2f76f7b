"""Long captions, and sums of single objects' vectors in their place."""

import numpy as np
import pytest
from subjects import NAMES, OracleModel, oracle_subject, result, unit

from benchwright.cards.audits.long_captions import AUDIT, Settings, summed
from benchwright.cards.audits.mentions import spoken

FIRST = "3 objects, 1st mentioned"
DIFFERENCE = "first mentioned is nearest, difference"


def test_a_sum_is_of_the_named_objects_and_has_no_order():
    single = unit(np.random.default_rng(0).normal(size=(5, 7))).astype(np.float32)
    named = np.array([[0, 1, 2], [2, 1, 0]])
    one, turned = summed(single, named)
    np.testing.assert_allclose(one, turned, rtol=1e-6)
    expected = single[0] + single[1] + single[2]
    np.testing.assert_allclose(one, expected / np.linalg.norm(expected), rtol=1e-6)


def test_the_bias_stays_in_long_captions_and_adding_up_mends_it():
    subject = oracle_subject(pictures=10, model=OracleModel(first=1.6, noise=0.5))
    found = AUDIT.run(subject, Settings(number=0, probe=False))
    for query in ("short", "long"):
        assert result(found, f"TOR, {query}, nearest of its own", FIRST).low > 0.5
    mended = result(found, "TOR, sum, nearest of its own", FIRST)
    assert mended.low <= 1 / 3 <= mended.high
    assert result(found, DIFFERENCE, "3 objects, long - sum").low > 0.2
    assert abs(result(found, DIFFERENCE, "3 objects, long - short").estimate) < 0.1


def test_differences_are_of_the_same_captions():
    subject = oracle_subject(pictures=10, model=OracleModel(first=1.2, noise=1.5))
    found = AUDIT.run(subject, Settings(number=150, probe=False))
    ranks = {q: np.array(found.outcomes[f"{q} ranks"].to_pylist()) for q in ("long", "short")}
    first = {q: (of.argmin(axis=1) == 0).mean() for q, of in ranks.items()}
    row = result(found, DIFFERENCE, "3 objects, long - short")
    np.testing.assert_allclose(row.estimate, first["long"] - first["short"], atol=1e-12)
    assert row.n == 150


def test_all_three_queries_are_ranked_by_the_definition():
    model = OracleModel(first=1.4, noise=1.2)
    subject = oracle_subject(pictures=10, model=model)
    found = AUDIT.run(subject, Settings(number=60, probe=False))
    alone = {name: model.encode_texts([name])[0] for name in NAMES}
    nearest = dict.fromkeys(("short", "long", "sum"), 0)
    for key in found.outcomes["key"].to_pylist():
        held = key.split(" and ")
        queries = {
            "short": model.encode_texts([spoken(held, "short")])[0],
            "long": model.encode_texts([spoken(held, "long")])[0],
            "sum": sum(alone[name] for name in held),
        }
        for query, vector in queries.items():
            nearest[query] += max(held, key=lambda name: float(alone[name] @ vector)) == held[0]
    for query, hits in nearest.items():
        row = result(found, f"TOR, {query}, nearest of its own", FIRST)
        assert (row.n, row.estimate) == (60, hits / 60)
    row = result(found, DIFFERENCE, "3 objects, long - sum")
    assert row.estimate == pytest.approx((nearest["long"] - nearest["sum"]) / 60)


def test_both_templates_are_probed():
    subject = oracle_subject(pictures=10, model=OracleModel(first=2.0))
    found = AUDIT.run(subject, Settings(number=200))
    for template in ("short", "long"):
        row = result(found, "TOC by ridge", f"3 objects, {template} captions, 1st mentioned")
        assert row.n > 20
    classifier = oracle_subject(pictures=5, model=OracleModel(kind="classifier"))
    assert "no text tower" in AUDIT.misfit(classifier)
