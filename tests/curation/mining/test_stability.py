"""Stability: a pair asked of other prompts and probes, on the confirmation half alone."""

from test_confirm import HELD, LUCK, TURNED, groups, table

from benchwright.curation.mining.pairs import Pair, find
from benchwright.curation.mining.stability import stability


def pairs_of(found):
    return [pair for pair in find(found).values() if isinstance(pair, Pair)]


def test_each_set_says_whether_a_pair_holds():
    main = table(HELD, LUCK)
    other = table(
        groups("owl", "tree", (0, 100), (70, 100)), groups("owl", "sky", (100, 100), (40, 100)),
        groups("eel", "reef", (0, 100), (40, 100)), groups("eel", "sand", (0, 100), (50, 100)),
    )  # fmt: skip
    eel, owl = stability(pairs_of(main), {"one prompt": main, "80 prompts": other})
    assert (owl.confirmed, owl.positive, len(owl.answers)) == (2, 2, 2)
    assert (eel.confirmed, eel.positive, len(eel.answers)) == (0, 1, 2)
    assert abs(
        owl.answers["80 prompts"].drop.drop - 0.3
    ) < 1e-9  # fmt: skip


def test_the_direction_is_the_main_probes():
    main = table(TURNED)
    (ox,) = stability(pairs_of(main), {"same": main})
    assert (ox.confirmed, ox.positive) == (0, 0)


def test_a_set_without_the_images_says_nothing():
    main = table(HELD)
    without = table(groups("owl", "tree", (9, 10), (9, 10)))
    (owl,) = stability(pairs_of(main), {"main": main, "other": without, "empty": table()})
    assert set(owl.answers) == {"main"}


def test_no_pairs_are_no_error():
    assert stability([], {"main": table(HELD)}) == []
