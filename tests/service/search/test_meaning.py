"""Searches by meaning: what exact comparison finds, inside the walls, and nothing that was erased."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LAMP = "Уже третью неделю во дворе не горит ни один фонарь, дети боятся выходить."
WATER = "В доме пятый день нет горячей воды, управляющая компания не отвечает."
BINS = "The bins behind our house were not emptied for two weeks."


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_database_and_we_sketch_alike(rows_of, seed):
    from veche.service.search.signs import sketch

    vector = np.random.default_rng(seed).standard_normal((1, 512)).astype(np.float16)
    vector[0, :3] = (0.0, -0.0, np.float16(-1e-8))
    [(made,)] = rows_of("SELECT veche_sketch(%s)", vector.tobytes())
    assert bytes(made) == sketch(vector)[0].tobytes()


def test_every_vector_has_its_sketch_whoever_wrote_it(appeal, rows_of):
    made = appeal(LAMP, vector=np.ones(512))
    bare = appeal(WATER)
    found = dict(rows_of("SELECT appeal_id, sketch FROM inbox_appealtext"))
    assert (bytes(found[made.pk]), bytes(found[bare.pk])) == (bytes(64), b"")
    other = (-np.ones(512, np.float16)).tobytes()
    rows_of("UPDATE inbox_appealtext SET vector = %s WHERE appeal_id = %s RETURNING 1", other, made.pk)
    [(changed,)] = rows_of("SELECT sketch FROM inbox_appealtext WHERE appeal_id = %s", made.pk)
    assert bytes(changed) == b"\xff" * 64


def test_other_words_and_another_language_are_found(appeal, looking):
    lamp, water, bins = (appeal(text, vector="real") for text in (LAMP, WATER, BINS))
    ids, found = looking("editor", "by=meaning&q=темно на улице, нет освещения")
    assert ids[0] == lamp.pk
    assert (found.n, found.note) == (3, "meant")
    assert looking("editor", "by=meaning&q=мусор не вывозят")[0][0] == bins.pk
    assert looking("editor", "by=meaning&q=no hot water")[0][0] == water.pk


def test_a_search_by_meaning_holds_to_walls_and_filters(appeal, looking, narrowed):  # noqa: ARG001
    inside = appeal(LAMP, vector="real", territory="RU/RU-TA/kazan", topic="roads")
    outside = appeal(LAMP, vector="real", territory="RU/RU-TA", topic="roads")
    theirs = appeal(LAMP, vector="real", to="other")
    query = "by=meaning&q=фонарь не горит"
    assert looking("narrowed", query)[0] == [inside.pk]
    assert set(looking("editor", query)[0]) == {inside.pk, outside.pk}
    assert looking("stranger", query)[0] == [theirs.pk]
    assert looking("editor", query + "&topic=housing")[0] == []


def test_what_comes_later_is_found_and_what_was_erased_is_not(appeal, looking, rows_of):
    query = "by=meaning&q=фонарь не горит"
    first = appeal(LAMP, vector="real")
    assert looking("editor", query)[0] == [first.pk]
    second = appeal(LAMP, vector="real")
    assert set(looking("editor", query)[0]) == {first.pk, second.pk}
    rows_of("DELETE FROM inbox_appealtext WHERE appeal_id = %s RETURNING 1", first.pk)
    rows_of("UPDATE inbox_appeal SET state = 'erased' WHERE id = %s RETURNING 1", first.pk)
    _, found = looking("editor", query)
    assert list(found.best) == [second.pk]


def test_no_sketch_of_an_erased_text_is_left_in_memory(appeal, looking, rows_of):
    from veche.service.search.sketches import sketches_of

    query = "by=meaning&q=фонарь"
    first = appeal(LAMP, vector=-np.ones(512))
    _, found = looking("editor", query)
    kept = sketches_of(found.cube)
    assert (kept._bits == 2**64 - 1).any()
    rows_of("DELETE FROM inbox_appealtext WHERE appeal_id = %s RETURNING 1", first.pk)
    rows_of("UPDATE inbox_appeal SET state = 'erased' WHERE id = %s RETURNING 1", first.pk)
    _, found = looking("editor", query)
    assert sketches_of(found.cube) is kept
    assert not kept._bits.any()


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_sketches_choose_what_exact_comparison_chooses(appeal, cast, share):
    from veche.service.accounts.acting import acting
    from veche.service.board.scopes import cube_of
    from veche.service.search.meaning import nearest

    rng = np.random.default_rng(7)
    centres = rng.standard_normal((6, 512))
    vectors = centres[rng.integers(6, size=300)] + 0.9 * rng.standard_normal((300, 512))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    made = [appeal("x", vector=vector).pk for vector in vectors]
    editor = cast.people.editor
    with acting(editor):
        cube = cube_of(editor)
        rows = cube.open & (rng.random(len(cube)) < share)
        counted = {made.index(key) for key in cube.ids(rows, most=len(cube))}
        wanted = centres[0] / np.linalg.norm(centres[0])
        found = nearest(cube, wanted.astype(np.float32), rows, 10, compared=60)
    exact = sorted(counted, key=lambda i: -float(vectors[i].astype(np.float32) @ wanted))[:10]
    ours = {made.index(one.appeal_id) for one in found}
    assert ours <= counted
    assert len(ours & set(exact)) >= 0.95 * len(exact)
