"""Networks beside each other: which are shown, which are refused, and what is said of that."""

import pytest
from django.urls import reverse

from training.ml import formats, nn
from training.ml.config.architecture import OUTPUT
from training.ml.config.templates import dense
from training.models import Network

URL = reverse("training:side_by_side")


@pytest.fixture
def networks(owner):
    data = formats.dump(nn.Network.initialized([*dense(4), OUTPUT], "zeros", 0), {})
    return [Network.objects.create(owner=owner, name=f"n{i}", data=data) for i in range(5)]


def shown(client, *keys, **more):
    response = client.get(URL, {"with": keys, **more})
    assert response.status_code == 200
    return [column["key"] for column in response.context["columns"]], response.content.decode()


@pytest.mark.django_db
def test_without_a_choice_there_is_an_offer(client):
    assert shown(client)[0] == []
    assert "with=starter" in shown(client)[1]
    assert client.post(URL).status_code == 405


def test_ones_own_are_shown_in_the_order_of_the_choice_and_each_once(owners, networks):
    first, second, *_ = (str(network.pk) for network in networks)
    keys, page = shown(owners, second, "starter", first, second)
    assert keys == [second, "starter", first]
    assert 'role="alert"' not in page
    assert f'<option value="{networks[2].pk}">' in page
    assert f'<option value="{first}">' not in page


def test_the_offer_begins_with_the_network_of_the_page(owners, networks):
    assert f"with=starter&amp;with={networks[0].pk}" in shown(owners, network=networks[0].pk)[1]


@pytest.mark.parametrize("key", ["999999", "9" * 40, "²", "../starter", "-1"])
def test_what_is_not_ones_own_is_left_out_and_said(owners, networks, key):
    keys, page = shown(owners, "starter", key)
    assert keys == ["starter"]
    assert "1 of these networks is not yours or gone" in page


def test_a_strangers_is_left_out_too(strangers, client, networks):
    for browser in (strangers, client):
        keys, page = shown(browser, *(network.pk for network in networks[:2]))
        assert keys == []
        assert "2 of these networks are not yours or gone" in page
        assert networks[0].name not in page


def test_four_is_the_most(owners, networks):
    keys, page = shown(owners, *(network.pk for network in networks))
    assert keys == [str(network.pk) for network in networks[:4]]
    assert "only the first 4 are here" in page
    assert "remove one to add another" in page


def test_no_network_costs_a_query(owners, networks, django_assert_num_queries):
    with django_assert_num_queries(4):  # session, user, the chosen, the others
        shown(owners, *(network.pk for network in networks[:3]))
