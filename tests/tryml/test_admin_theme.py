from django.urls import resolve

from tryml.admin_theme import UNFOLD


def test_every_link_of_the_sidebar_leads_somewhere(db):
    links = [item["link"] for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]]
    assert len(set(links)) == 7
    for link in links:
        assert resolve(str(link)).namespace == "admin"


def test_the_settings_use_it(settings):
    assert settings.UNFOLD is UNFOLD


def test_colours_have_every_step(db):
    for colour in UNFOLD["COLORS"].values():
        assert list(colour) == ["50", *(str(step) for step in range(100, 1000, 100)), "950"]
