from veche.core.ids import uuid7


def test_later_ids_sort_after_earlier_ones_also_when_the_clock_goes_back(monkeypatch):
    made = [uuid7() for _ in range(1000)]
    monkeypatch.setattr("time.time_ns", lambda: 0)
    made += [uuid7() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {(i.version, i.variant) for i in made} == {(7, "specified in RFC 4122")}
