"""What an evaluation measures: checked against scikit-learn, and on histories that are hard to bear."""

from dataclasses import replace

import numpy as np
import orjson
import pyarrow as pa
import pytest
from sklearn import metrics
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.core.errors import UsageError
from veche.core.formats import formats
from veche.core.look import Look
from veche.learn.evaluate.alone import curve, human_decisions, reliability
from veche.learn.evaluate.classes import LOOK, MORE_EXAMPLES, RULE, confusions
from veche.learn.evaluate.drift import stability
from veche.learn.evaluate.growth import MORE
from veche.learn.evaluate.intervals import interval, replicates, share, wilson
from veche.learn.evaluate.judged import Judged, Sayings, by_folds, by_model
from veche.learn.evaluate.page import render
from veche.learn.evaluate.scores import class_figures, whole_figures
from veche.learn.evaluate.slices import slices
from veche.learn.evaluate.suspects import suspects
from veche.learn.evaluate.whole import Asked, evaluate_by_folds, evaluate_model
from veche.learn.evaluate.written import predictions
from veche.learn.examples import Examples
from veche.learn.file import save
from veche.learn.train import train

LOOK_EN = Look(style="", policy=lambda _sheet: "", formats=formats("en"), label=lambda _by, _value: None)

NAMES = ("Roads", "Water", "Light", "Never")


def make_tested(given, chances, *, multi=False, alone=None, copies=None, names=NAMES):
    """A tested facet that says the likeliest label, or in a multi facet those with a chance above a half."""
    labels, chances = labels_of(given, names, multi=multi), np.array(chances, np.float32)
    n = len(chances)
    said = chances > 0.5 if multi else np.eye(len(names), dtype=bool)[chances.argmax(axis=1)]
    row, label = np.nonzero(said)
    right = labels.given.toarray()[row, label].astype(bool)
    alone = np.zeros(n, bool) if alone is None else np.array(alone)
    return Judged(
        rows=np.arange(n),
        labels=labels,
        chances=chances,
        said=said,
        copies=np.arange(n) if copies is None else np.array(copies),
        learnt=np.ones(n, bool),
        sayings=Sayings(row, chances[row, label], right, alone[row]),
        alone=alone,
        held=1.0,
        precision=0.95,
        part=np.zeros(n, np.int64),
    )


@pytest.fixture
def random_tested():
    """300 appeals whose likeliest label is right more often than not; nobody has the last label."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 300)
    chances = rng.dirichlet(np.ones(4), 300) + 0.5 * np.eye(4)[truth]
    return make_tested([[int(t)] for t in truth], chances / chances.sum(axis=1, keepdims=True)), truth


def test_figures_are_those_of_scikit_learn(random_tested):
    tested, truth = random_tested
    said = tested.chances.argmax(axis=1)
    found = whole_figures(tested, replicates(tested.copies, seed=1, count=50))
    assert found["accuracy"].value == pytest.approx(metrics.accuracy_score(truth, said))
    for average in ("weighted", "macro", "micro"):
        expected = metrics.f1_score(truth, said, average=average)
        assert found[f"{average}_f1"].value == pytest.approx(expected)
    top = metrics.top_k_accuracy_score(truth, tested.chances, k=3, labels=range(4))
    assert found["top3_accuracy"].value == pytest.approx(top)


def test_figures_of_several_labels_are_those_of_scikit_learn():
    rng = np.random.default_rng(6)
    truth = rng.random((200, 4)) < 0.3
    chances = np.clip(truth * 0.4 + rng.random((200, 4)) * 0.6, 0, 1)
    tested = make_tested([np.flatnonzero(row).tolist() for row in truth], chances, multi=True)
    found = whole_figures(tested, replicates(tested.copies, seed=1, count=50))
    assert found["exact_match"].value == pytest.approx(metrics.accuracy_score(truth, tested.said))
    for average in ("weighted", "macro", "micro"):
        expected = metrics.f1_score(truth, tested.said, average=average, zero_division=0)
        assert found[f"{average}_f1"].value == pytest.approx(expected)


def test_figures_by_label_are_those_of_scikit_learn(random_tested):
    tested, truth = random_tested
    said = tested.chances.argmax(axis=1)
    found = class_figures(tested, replicates(tested.copies, seed=1, count=50))
    precision, recall, f1, given = metrics.precision_recall_fscore_support(
        truth, said, labels=range(4), zero_division=0
    )
    for one in found:
        if one.told:
            assert one.precision.value == pytest.approx(precision[one.label])
        if one.given:
            assert one.recall.value == pytest.approx(recall[one.label])
        assert one.f1.value == pytest.approx(f1[one.label])
        assert one.given == given[one.label]
    assert [one.given for one in found] == sorted((one.given for one in found), reverse=True)


def test_an_interval_holds_its_figure_and_the_seed_decides_it(random_tested):
    tested, _truth = random_tested
    found = [whole_figures(tested, replicates(tested.copies, seed=s, count=80)) for s in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert all(one.low <= one.value <= one.high for one in found[0].values())


def test_copies_are_drawn_together():
    weights = replicates(np.array([7, 7, 3, 7]), seed=1, count=40)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 0] == weights[:, 3]).all()
    assert (weights[:, 0] != weights[:, 2]).any()


def test_copies_make_an_interval_wider():
    hits = np.arange(400) % 2 == 0
    every = np.ones(400, bool)
    alone = share(hits, every, replicates(np.arange(400), seed=1, count=200))
    together = share(
        hits, every, replicates(np.arange(400) // 40 * 2 + np.arange(400) % 2, seed=1, count=200)
    )
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_where_all_are_right_the_interval_is_not_empty():
    every = np.ones(10, bool)
    found = share(every, every, replicates(np.arange(10), seed=1, count=20))
    assert found == wilson(10, 10)
    assert found.low == pytest.approx(0.722, abs=0.001)  # Wilson's interval of 10 of 10


def test_nothing_measured_has_no_value():
    none = np.zeros(3, bool)
    assert np.isnan(share(none, none, np.ones((5, 3), np.uint16)).value)
    assert interval(float("nan"), np.array([np.nan])).high == 1.0


def test_the_curve_goes_from_the_surest_to_all():
    given = [[0]] * 6 + [[1]] * 4
    chances = [[0.5 + i / 25, 0.5 - i / 25, 0, 0] for i in range(10)]
    points = curve(make_tested(given, chances))
    assert points[-1].coverage == 1.0
    assert points[-1].precision.value == pytest.approx(0.6)
    assert [p.coverage for p in points] == sorted(p.coverage for p in points)
    assert [p.chance for p in points] == sorted((p.chance for p in points), reverse=True)


def test_bins_of_the_reliability_diagram_hold_everything_once(random_tested):
    tested, _truth = random_tested
    bins = reliability(tested)
    assert sum(b.count for b in bins) == len(tested)
    assert sum(b.right.value * b.count for b in bins) == pytest.approx(tested.right().sum())


def test_a_group_left_for_people_is_decided_once():
    given, chances = [[0], [0], [1], [2]], [[0.9, 0.1, 0, 0]] * 4
    tested = make_tested(given, chances, alone=[True, False, False, False], copies=[0, 1, 1, 2])
    found = human_decisions(tested, replicates(tested.copies, seed=1, count=20), {"copies": tested.copies})
    assert found[""].per_thousand.value == 750
    assert found[""].right == 1.0  # a person gives each its label
    assert found["copies"].per_thousand.value == 500
    assert found["copies"].right == 0.75  # the two copies had different labels: one of them gets the other's


def test_an_appeal_of_no_group_is_decided_by_itself():
    tested = make_tested([[0], [0], [1]], [[0.9, 0.1, 0, 0]] * 3)
    grouped = {"themes": np.array([-1, -1, 4])}
    found = human_decisions(tested, replicates(tested.copies, seed=1, count=20), grouped)
    assert found["themes"].per_thousand.value == 1000


def test_pairs_that_are_mixed_up_come_with_what_helps():
    def taken(a, b, n):
        return [[a]] * n, [np.eye(4)[b].tolist()] * n

    parts = [taken(0, 0, 30), taken(1, 1, 30), taken(2, 2, 30), taken(0, 1, 6), taken(1, 0, 5)]
    parts += [taken(0, 2, 4), taken(3, 2, 3)]
    given = [g for part in parts for g in part[0]]
    found = confusions(make_tested(given, [c for part in parts for c in part[1]]))
    assert [(p.a, p.b, p.a_said_b, p.b_said_a) for p in found] == [(0, 1, 6, 5), (0, 2, 4, 0), (3, 2, 3, 0)]
    assert [p.remedy for p in found] == [RULE, LOOK, MORE_EXAMPLES]


def test_a_confident_disagreement_is_a_suspect():
    given = [[0]] * 20 + [[1]] * 20
    chances = [[0.9, 0.1, 0, 0]] * 20 + [[0.1, 0.9, 0, 0]] * 19 + [[0.97, 0.03, 0, 0]]
    assert suspects(make_tested(given, chances)).tolist() == [[39, 1, 0]]


def test_a_label_that_is_missing_or_too_much_is_a_suspect():
    given = [[0]] * 10 + [[0, 1]] * 10 + [[1]]
    chances = [[0.9, 0.1, 0, 0]] * 10 + [[0.9, 0.9, 0, 0]] * 10 + [[0.95, 0.02, 0, 0]]
    found = suspects(make_tested(given, chances, multi=True)).tolist()
    assert sorted(found) == [[20, -1, 0], [20, 1, -1]]


def test_a_part_that_is_served_worse_shows_a_gap():
    given = [[0]] * 200
    chances = [[0.9, 0.1, 0, 0]] * 100 + [[0.9, 0.1, 0, 0], [0.1, 0.9, 0, 0]] * 50
    languages = ["en"] * 100 + ["es"] * 95 + ["fr"] * 5
    tested = make_tested(given, chances)
    examples = _examples(["road"] * 200, {"topic": tested.labels}, language=languages)
    found = slices(tested, examples, replicates(tested.copies, seed=1, count=200))
    assert [(one.by, one.value) for one in found] == [("language", "en"), ("language", "es")]  # fr is too few
    spanish = found[1]
    assert spanish.right.value == pytest.approx(0.5, abs=0.02)
    assert spanish.gap.high < 0


def test_the_stability_index_is_zero_for_the_same_and_known_for_another():
    then = {"a": 0.5, "b": 0.5}
    assert stability(then, then) == 0
    expected = (0.8 - 0.5) * np.log(0.8 / 0.5) + (0.2 - 0.5) * np.log(0.2 / 0.5)
    assert stability(then, {"a": 0.8, "b": 0.2}) == pytest.approx(expected)


def test_folds_are_judged_by_models_that_have_not_seen_them(made_history):
    found = by_folds(made_history, "topic", folds=4, precision=0.9, seed=7, threads=1)
    assert sorted(set(found.part.tolist())) == [0, 1, 2, 3]
    assert found.right().mean() > 0.8
    assert found.learnt.all()


def test_copies_stand_in_one_fold(made_history):
    copied = replace(made_history, copies=np.arange(240) // 3)
    part = by_folds(copied, "topic", folds=4, precision=0.9, seed=7, threads=1).part
    assert (part.reshape(80, 3) == part[::3, None]).all()


def test_labels_with_one_example_stay_and_count():
    words = ["road holes bridge", "water tap pipe", "lamp dark yard"]
    texts = [f"{words[i % 3]} {i}" for i in range(60)] + [f"lonely thing {i}" for i in range(6)]
    given = [[i % 3] for i in range(60)] + [[3 + i] for i in range(6)]
    names = ("1", "2", "3", *(f"{i}.5" for i in range(6)))
    examples = _examples(texts, {"number": labels_of(given, names)})
    found = evaluate_by_folds(examples, folds=5, asked=Asked(quick=True, threads=1)).document
    said = found["facets"]["number"]
    assert said["never_learnt"] == 6
    assert said["rows"] == 66
    assert said["classes"] == 9
    assert sum(one["given"] for one in said["per_class"]) == 66
    assert found["accuracy"] == said["accuracy"]


def test_few_appeals_of_nothing_but_rare_labels_are_borne():
    texts = [f"word{i} other{i % 4}" for i in range(12)]
    examples = _examples(texts, {"x": labels_of([[i % 6] for i in range(12)], tuple("abcdef"))})
    said = evaluate_by_folds(examples, folds=5, asked=Asked(threads=1)).document["facets"]["x"]
    assert said["decided_alone"] == 0
    assert said["precision"] is None
    assert said["by_time"] is None
    assert said["growth"] is None


def test_more_folds_than_texts_is_a_clear_error():
    examples = _examples(["a b", "c d", "e f"], {"x": labels_of([[0], [1], [0]], ("p", "q"))})
    with pytest.raises(UsageError, match="3 different labelled texts"):
        evaluate_by_folds(examples, folds=5, asked=Asked())


def test_the_document_is_whole_and_the_same_again(made_history):
    found = [
        evaluate_by_folds(made_history, folds=3, asked=Asked(threads=threads)).document for threads in (1, 2)
    ]
    for document in found:
        for said in document["facets"].values():
            said.pop("cost")
    assert orjson.dumps(found[0]) == orjson.dumps(found[1])
    topic, theme = found[0]["facets"]["topic"], found[0]["facets"]["theme"]
    for said, own in ((topic, "accuracy"), (theme, "exact_match")):
        for name in (own, "weighted_f1", "macro_f1", "micro_f1", "top3_accuracy", "coverage"):
            low, high = said["intervals"][name]
            assert 0 <= low <= said[name] <= high <= 1, name
        assert 0 <= said["ece"] <= 1
        assert set(said["human_decisions_per_1000"]) == {"each", "copies"}
        assert said["by_time"]["rows"] == 48
        assert said["drift"]["traits"].keys() == {"language"}  # nothing is known of the others, ever
        assert said["drift"]["traits"]["language"]["psi"] == 0
        assert said["growth"]["more"] == MORE
    assert "accuracy" not in found[0]  # with two facets nothing stands at the top


def test_a_model_is_judged_by_appeals_of_their_own(made_history, tmp_path):
    older, newer = made_history.take(np.arange(180)), made_history.take(np.arange(180, 240))
    model = train(older, facets=["topic"], seed=7, threads=1)
    path = tmp_path / "topics.model"
    save(model, path)
    found = evaluate_model(model, newer, path=path, asked=Asked(threads=1))
    assert found.document["how"] == "model"
    assert found.document["accuracy"] > 0.8
    assert found.document["facets"]["topic"]["cost"]["bytes"] == path.stat().st_size
    assert found.document["about"]["learnt_before"] == 0
    again = evaluate_model(model, made_history, path=path, asked=Asked(threads=1)).document
    assert again["about"]["learnt_before"] == 180
    page = render(again, LOOK_EN)
    assert "Beware, the model was told the answers." in page
    assert "180 of the 240 appeals have texts that the model learnt from." in page
    with pytest.raises(UsageError, match="The model knows topic"):
        evaluate_model(
            model, replace(newer, labels={"other": newer.labels["topic"]}), path=path, asked=Asked()
        )


def test_labels_in_another_spelling_are_the_models_and_new_ones_are_wrong(made_history):
    model = train(made_history, facets=["topic"], seed=7, threads=1)
    given = labels_of([[0], [1], [2]], ("roads.", "Brand new", "WATER "))
    rows = [int(np.flatnonzero(made_history.labels["topic"].single() == i)[0]) for i in (0, 1, 1)]
    test = replace(made_history.take(np.array(rows)), labels={"topic": given})
    found = by_model(model, test, "topic", precision=0.9)
    assert found.labels.set.names == ("Roads", "Water", "Light", "Brand new")
    assert found.right().tolist() == [True, False, True]
    assert found.learnt.tolist() == [True, False, True]


def test_predictions_tell_ids_and_chances_and_no_text(made_history):
    found = evaluate_by_folds(made_history, folds=3, asked=Asked(quick=True, threads=1))
    table = predictions(found, made_history)
    assert len(table) == 480
    assert "text" not in table.column_names
    first = table.slice(0, 1).to_pylist()[0]
    assert first["facet"] == "topic"
    assert first["appeal_id"] == "a0"
    assert first["first"][0] == first["said"][0]
    assert first["chances"] == sorted(first["chances"], reverse=True)
    assert table["right"].to_numpy()[:240].mean() == pytest.approx(
        found.document["facets"]["topic"]["accuracy"], abs=0.001
    )


def _examples(texts, labels, **traits):
    n = len(texts)
    return Examples(
        inputs=inputs_of(texts, **traits),
        labels=labels,
        ids=pa.array([f"a{i}" for i in range(n)]),
        received=np.full(n, "NaT", "datetime64[s]"),
        copies=np.arange(n),
    )


def test_the_page_of_a_model_says_what_it_learnt_from(made_history, tmp_path):
    path = tmp_path / "topics.model"
    model = train(made_history.take(np.arange(180)), facets=["topic"], seed=7, threads=1)
    save(model, path)
    newer = made_history.take(np.arange(180, 240))
    found = evaluate_model(model, newer, path=path, asked=Asked(threads=1))
    page = render(found.document, LOOK_EN)
    assert "180 appeals, 1 Jan 2025" in page
    assert "topics.model" in page
    assert "please help" not in page.partition("f0-suspects")[0]  # texts stand among the suspects alone
