"""The time zone of a machine, and the country that a time zone lies in."""

import zoneinfo

import pytest

from veche.cli.pack.zones import country_of_zone, system_zone


def test_a_time_zone_lies_in_a_country() -> None:
    assert country_of_zone("Asia/Yekaterinburg") == "RU"
    assert country_of_zone("America/New_York") == "US"
    assert country_of_zone("UTC") == ""


def test_the_zone_that_the_environment_names_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Samara")
    assert system_zone() == "Europe/Samara"


def test_a_zone_that_does_not_exist_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Mars/Olympus")
    assert system_zone() in zoneinfo.available_timezones()
