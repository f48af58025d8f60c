import pytest

from training.templatetags.durations import ordinal_in_line, polyline_of
from tryml.durations import duration, share


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0.0 s"),
        (3.24, "3.2 s"),
        (14.2, "14 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (1500, "25 min"),
        (4200, "1 h 10 min"),
    ],
)
def test_spans_of_time_read_as_people_say_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("place", "text"),
    [(1, "next in line"), (2, "2nd in line"), (3, "3rd in line"), (11, "11th in line"), (22, "22nd in line")],
)
def test_places_in_line(place, text):
    assert ordinal_in_line(place) == text


def test_shares():
    assert share(0.98125) == "98.12 %"
    assert share(0.5, 0) == "50 %"
    assert share(None) == "–"


def test_a_polyline_fills_its_box_from_low_to_high():
    assert polyline_of([1.0, 3.0], "10x12") == "0.0,11.0 10.0,1.0"
    assert polyline_of([1.0], "10x12") == ""
