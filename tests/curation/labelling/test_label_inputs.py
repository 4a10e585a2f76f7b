"""What the label stage takes: embeddings of CLIPs and classifiers, of the same samples, whole."""

import dataclasses

import numpy as np
import pytest
from embedded_words import classifier_identity, write_set
from labelled_words import grid, labelled, planned, sets

from benchwright.curation.labelling import labels as stage
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import Counts
from benchwright.curation.labelling.label_sets import label_set
from benchwright.errors import DatasetError, ModelError


class TestClassifiers:
    """A classifier's vectors are its logits."""

    @pytest.fixture
    def logits(self):
        """Of an image that an ImageNet classifier takes for an ostrich (9), then a lynx (287)."""
        vector = np.zeros(1000)
        vector[[9, 287, 0]] = [12, 8, 10]
        return vector

    def test_a_classifier_as_probe_answers_by_its_own_head(self, tmp_path, logits):
        described = [("x", "a photo of a lynx in the snow", "a lynx")]
        judge, _ = sets(tmp_path, {"a.tar": described})
        of_probe = {"a.tar": [{"key": "x", "vector": logits}]}
        probe = write_set(tmp_path / "timm", classifier_identity(), of_probe)
        chosen = classes(["lynx"])
        _, (row,) = labelled(planned(tmp_path, judge, probe, classes=chosen,
                                     labels=label_set(["lynx", "tench"])))  # fmt: skip
        assert (row["prediction"], row["correct"]) == ("tench", False)
        assert row["score"] == pytest.approx(1 / (1 + np.exp(2)), rel=1e-3)
        assert row["background"] == "snow"
        _, (row,) = labelled(planned(tmp_path, judge, probe, classes=chosen,
                                     labels=label_set("imagenet-1k")))  # fmt: skip
        assert row["prediction"] == "ostrich"

    def test_a_classifier_as_judge_vouches_and_knows_no_background(self, tmp_path, logits):
        logits[287] = 20
        row = {"key": "x", "vector": logits, "caption": "a lynx"}
        judge = write_set(tmp_path / "timm", classifier_identity(), {"a.tar": [row]})
        _, probe = sets(tmp_path, {"a.tar": [("x", "a photo of a lynx in the snow", "")]})
        counts, (row,) = labelled(planned(tmp_path, judge, probe, classes=classes(["lynx"]),
                                          labels=label_set(["lynx", "tench"])))  # fmt: skip
        assert row["vouched"] and row["background"] == row["background_parent"] == ""
        assert counts == Counts(1, unclear=1)

    def test_a_label_that_it_does_not_have_is_an_error(self, tmp_path, logits):
        judge, _ = sets(tmp_path, {"a.tar": grid()})
        probe = write_set(tmp_path / "timm", classifier_identity(), {"a.tar": []})
        with pytest.raises(ModelError, match='knows no label "giraffe"'):
            planned(tmp_path, judge, probe, labels=label_set(["lynx", "giraffe"]),
                    classes=classes(["lynx"]))  # fmt: skip
        odd = dataclasses.replace(probe, identity=classifier_identity(width=12))
        with pytest.raises(ModelError, match="has 12 labels, not the 1000"):
            planned(tmp_path, judge, odd, labels=label_set(["lynx", "tench"]),
                    classes=classes(["lynx"]))  # fmt: skip


class TestBadInput:
    """One line each, with what to do."""

    def test_the_probe_is_no_judge(self, tmp_path):
        judge, _ = sets(tmp_path, {"a.tar": grid()})
        renamed = dataclasses.replace(judge.identity, id="words/other")
        for other in (judge, dataclasses.replace(judge, identity=renamed)):
            with pytest.raises(ModelError, match="choose another judge"):
                planned(tmp_path, judge, other)

    @pytest.mark.parametrize(
        ("probe_parts", "message"),
        [
            ({"b.tar": grid()}, "no embeddings of the shard a.tar"),
            ({"a.tar": grid()[1:]}, r"1 of 9 samples .* \(first: .dog-grass-0.\)"),
            ({"a.tar": [*grid(), grid()[0]]}, "1 keys of the shard a.tar are there twice"),
        ],
    )
    def test_embeddings_of_other_samples(self, tmp_path, probe_parts, message):
        judge, probe = sets(tmp_path, {"a.tar": grid()}, probe_parts)
        plan = planned(tmp_path, judge, probe)
        with pytest.raises(DatasetError, match=message) as raised:
            labelled(plan)
        assert "embed" in str(raised.value)

    def test_a_shard_that_changed_in_between(self, tmp_path):
        judge, probe = sets(tmp_path, {"a.tar": grid()})
        part = dataclasses.replace(probe.parts[0], sha256="0" * 64)
        changed = dataclasses.replace(probe, parts=(part,))
        with pytest.raises(DatasetError, match="different contents of the shard"):
            labelled(planned(tmp_path, judge, changed))

    @pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
    @pytest.mark.parametrize("whose", ["judge", "probe"])
    def test_vectors_that_are_none(self, tmp_path, value, whose):
        judge, probe = sets(tmp_path, {"a.tar": grid()})
        plan = planned(tmp_path, judge, probe)
        broken = judge if whose == "judge" else probe
        file = broken.parts[0].vectors_file(broken.folder)
        vectors = np.load(file)
        vectors[5] = value
        np.save(file, vectors)
        with pytest.raises(DatasetError, match=r"1 of 9 vectors are NaN.*row 5"):
            labelled(plan)
        assert not plan.file(judge.parts[0]).exists()

    def test_vectors_of_another_width(self, tmp_path):
        judge, probe = sets(tmp_path, {"a.tar": grid()})
        file = probe.parts[0].vectors_file(probe.folder)
        np.save(file, np.load(file)[:, :32])
        with pytest.raises(DatasetError, match="embed again"):
            labelled(planned(tmp_path, judge, probe))

    def test_labels_of_another_version(self, tmp_path):
        with pytest.raises(DatasetError, match="label again"):
            stage.read_labels(tmp_path / "labels_0000.parquet")
