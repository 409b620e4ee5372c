"""Which decisions need nobody, and the gravest reason for the others; an evaluation counts as a run does."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.learn.conftest import inputs_of
from tests.unit.learn.test_ask import ROADS, WATER, _facet

from veche.core.finding import decisions, first_values
from veche.engine.stage import Context
from veche.learn.alone import ALONE, LANGUAGE, NEW, PROMISE, STRANGE, UNSURE, Doubts, all_alone
from veche.learn.evaluate.judged import by_model
from veche.learn.file import save
from veche.learn.portrait import portrait
from veche.learn.stage import LearntStage, use_of
from veche.learn.train import train


@pytest.fixture(scope="module")
def doubts():
    return _doubts(precision=0.5)


def _doubts(*, precision):
    taught = inputs_of([*ROADS, *WATER], language=["en"] * 60)
    many = _facet().seen
    seen = replace(many, **{name: np.tile(getattr(many, name), 5) for name in ("chance", "label", "right")})
    return Doubts(portrait(taught), replace(seen, copies=np.arange(300)), precision=precision)


def _codes(doubts, texts, languages, *, chance=1.0, label=0):
    n = len(texts)
    doubt = doubts.of(inputs_of(texts, language=languages))
    found = doubts.codes(
        doubt, document=np.arange(n), label=np.full(n, label), chance=np.full(n, chance, np.float32)
    )
    return found.tolist()


def test_what_is_sure_and_of_the_kind_it_was_taught_needs_nobody(doubts):
    assert _codes(doubts, [ROADS[0], ROADS[1], WATER[2]], ["en", None, "und"]) == [ALONE] * 3


def test_a_language_it_never_saw_is_for_people(doubts):
    assert _codes(doubts, [ROADS[0]], ["kk"]) == [LANGUAGE]


def test_a_text_of_unknown_words_or_without_a_word_is_for_people(doubts):
    said = "zebra xylophone quartz vortex jigsaw"
    assert _codes(doubts, [said, "", "..."], ["en"] * 3) == [STRANGE] * 3
    assert not doubts.of(inputs_of(["", "..."])).readable.any()


def test_each_other_reason_has_its_code(doubts):
    assert _codes(doubts, [ROADS[0]], ["en"], chance=0.0) == [UNSURE]
    assert _codes(_doubts(precision=0.999), [ROADS[0]], ["en"]) == [PROMISE]
    assert _codes(doubts, [ROADS[0]], ["en"], label=-1) == [NEW]


def test_an_appeal_is_decided_alone_where_all_that_was_decided_of_it_is():
    document, code = np.array([0, 1, 1, 2, 2]), np.array([ALONE, ALONE, UNSURE, ALONE, ALONE], object)
    assert all_alone(document, code, n=4).tolist() == [True, False, True, False]


#: Beside plain ones: a language never seen, unknown words, no word at all.
ODD = [("яма на дороге", "ru"), ("zebra xylophone quartz vortex jigsaw", "en"), ("?!", "en")]


@pytest.mark.parametrize("facet", ["topic", "theme"])
def test_an_evaluation_counts_as_decided_alone_what_a_run_decides_alone(
    made_history, boston, tmp_path, facet
):
    model = train(made_history, facets=[facet], seed=7, threads=1)
    save(model, tmp_path / "a.model")
    rows = np.arange(60)
    plain = made_history.inputs.texts.take(pa.array(rows)).to_pylist()
    plain[40:] = [f"{one[:40]} {other[:40]}" for one, other in zip(plain[40:], plain[:20], strict=True)]
    texts, languages = [*plain, *(t for t, _l in ODD)], ["en"] * 60 + [tag for _t, tag in ODD]
    some = made_history.take(np.concatenate([rows, [0, 1, 2]]))
    test = replace(some, inputs=inputs_of(texts, language=languages))
    judged = by_model(model, test, facet, precision=0.8)
    assert 0 < judged.alone.sum() < 60

    use = use_of(tmp_path / "a.model", pack=boston, precision={"": 0.8}, taken=())
    stage = LearntStage(use, use.roles[0], None)
    stage.open(Context(boston))
    out = stage(_batch(stage, texts, languages))
    decided = out.column(out.num_columns - 1).to_pylist()
    ran = [bool(one) and all(d["value"] == ALONE for d in one) for one in decided]
    assert ran == judged.alone.tolist()
    said = sum(d["value"] == ALONE for one in decided for d in one or ())
    assert said == judged.sayings.alone.sum()
    assert first_values(out.column(out.num_columns - 1)).to_pylist()[-3:] == [LANGUAGE, STRANGE, STRANGE]


def _batch(stage, texts, languages):
    n = len(texts)
    columns = {field.name: pa.nulls(n, field.type) for field in stage.reads}
    columns |= {"text": pa.array(texts), "masked_text": pa.array(texts)}
    columns["language"] = decisions(n, list(range(n)), languages, np.ones(n))
    return pa.table(columns)
