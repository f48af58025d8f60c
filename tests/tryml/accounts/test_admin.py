from django.urls import reverse

from training.models import Experiment
from tryml.accounts.models import User

LIST = reverse("admin:accounts_user_changelist")


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_users_are_listed_with_their_runs_and_guests_by_number(admins, guest, owner, run):
    html = page(admins, LIST)
    assert f"Guest {guest.pk}" in html
    assert "owner@example.org" in html
    assert '<td class="field-run_count' in html


def test_the_list_takes_as_many_queries_for_many_users_as_for_few(
    admins, make_run, django_assert_max_num_queries
):
    for number in range(30):
        user = User.objects.create_user(f"user-{number}")
        make_run(experiment=Experiment.objects.create(owner=user, name="First steps"))
    with django_assert_max_num_queries(12):
        page(admins, LIST)


def test_guests_are_filtered_out_and_users_searched_for(admins, guest, owner):
    assert f"Guest {guest.pk}" not in page(admins, f"{LIST}?is_guest__exact=0")
    html = page(admins, f"{LIST}?q=owner%40example")
    assert "owner@example.org" in html
    assert "admin@example.org" not in html.split("result_list")[1]


def test_an_administrator_opens_an_account_and_closes_it(admins, owner):
    url = reverse("admin:accounts_user_change", args=[owner.pk])
    assert 'value="owner"' in page(admins, url)
    admins.post(url, {"username": "owner", "email": "owner@example.org", "is_active": ""})
    owner.refresh_from_db()
    assert not owner.is_active


def test_an_administrator_adds_a_user(admins):
    password = "correct horse battery"
    form = {"username": "new", "usable_password": "true", "password1": password, "password2": password}
    admins.post(reverse("admin:accounts_user_add"), form)
    assert User.objects.get(username="new").check_password(password)


def test_a_user_is_deleted_with_all_that_belongs_to_them_after_asking(admins, owner, run):
    url = reverse("admin:accounts_user_delete", args=[owner.pk])
    assert "with all that belongs to it" in page(admins, url)
    admins.post(url, {"post": "yes"})
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Experiment.objects.exists()


def test_administrators_sign_in_where_everybody_does(client, db):
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=%2Fadmin%2F"


def test_no_other_model_of_accounts_is_in_the_admin(admins):
    html = page(admins, reverse("admin:index"))
    assert "/admin/auth/group/" not in html
    assert "/admin/account/emailaddress/" not in html
