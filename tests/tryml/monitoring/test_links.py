from django.urls import reverse

from tryml.web import admin_links


def test_a_row_is_linked_by_its_name(owner):
    url = reverse("admin:accounts_user_change", args=[owner.pk])
    assert admin_links.to(owner) == f'<a href="{url}">owner</a>'


def test_guests_are_told_apart(guest):
    assert f">Guest {guest.pk}<" in admin_links.to(guest)


def test_a_name_cannot_inject_markup(run):
    run.name = "<b>"
    assert "&lt;b&gt;" in admin_links.to(run)


def test_a_run_is_linked_by_its_number_though_it_may_be_gone():
    assert admin_links.to_run(7) == '<a href="/admin/training/run/7/change/">7</a>'


def test_nothing_is_a_dash():
    assert admin_links.to(None) == admin_links.to_run(None) == "–"
