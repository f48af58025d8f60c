"""Sharing a network: the owner's page, and what pages elsewhere get."""

import base64
import gzip
import json

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from digits.ink.checks import RefusedDrawing
from digits.models import OwnDrawing
from training import networks
from training.ml import formats, nn
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import dense
from training.models import Network, Share
from training.sharing import corrections, shared_network, widget_bundle
from tryml.web import rate_limit

PAGE = "https://page.example"
SMALL = Hyperparameters(layers=dense(8))


@pytest.fixture(autouse=True)
def minute(monkeypatch):
    """One minute, which does not end while a test counts requests."""
    monkeypatch.setattr(rate_limit, "time", lambda: 6000.0)


@pytest.fixture(autouse=True)
def _own_cache(settings, tmp_path):
    networks_cache = {**settings.CACHES["networks"], "LOCATION": tmp_path}
    settings.CACHES = {**settings.CACHES, "networks": networks_cache}


@pytest.fixture
def network(owner):
    made = nn.Network.for_hyperparameters(SMALL)
    return Network.objects.create(owner=owner, **Network.contents(made, "Mine"))


@pytest.fixture
def share(network):
    return Share.objects.create(network=network, origins=[PAGE])


@pytest.fixture
def visitor(db):
    return Client(enforce_csrf_checks=True)


def url(network):
    return reverse("training:embed", args=[network.pk])


def asked(client, share, *rest, origin=PAGE, method="get", **more):
    headers = {"Origin": origin} if origin else {}
    return getattr(client, method)("/".join(["/embed", share.key, *rest]), headers=headers, **more)


# The owner's page


def test_sharing_gives_a_snippet_with_a_key_that_stays(owners, network):
    page = owners.get(url(network)).content.decode()
    assert "<h2>Not shared</h2>" in page
    owners.post(url(network), {"origins": PAGE, "quantised": "on"})
    share = Share.objects.get()
    assert (share.origins, share.quantised, share.corrections) == ([PAGE], True, False)
    page = owners.get(url(network)).content.decode()
    assert f'&lt;tryml-digit network="{share.key}"' in page
    assert 'src="http://testserver/embed/widget.js"' in page
    owners.post(url(network), {"origins": f"{PAGE}\nhttps://b.example", "corrections": "on"})
    again = Share.objects.get()
    assert (again.key, again.origins, again.quantised) == (share.key, [PAGE, "https://b.example"], False)
    assert f'network="{share.key}" corrections' in owners.get(url(network)).content.decode()


def test_keys_cannot_be_guessed(network, share, owner):
    other = Network.objects.create(
        owner=owner, **Network.contents(nn.Network.for_hyperparameters(SMALL), "b")
    )
    keys = {share.key, Share.objects.create(network=other).key}
    assert len(keys) == 2
    assert all(len(key) >= 22 for key in keys)


def test_a_mistake_keeps_what_was_typed_and_shares_nothing(owners, network):
    response = owners.post(url(network), {"origins": "page.example"}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    page = response.content.decode()
    assert page.lstrip().startswith('<div class="embed" id="embed">')
    assert "page.example</textarea>" in page
    assert "is not of the form https://example.org" in page
    assert "<h2>Not shared</h2>" in page
    assert not Share.objects.exists()


def test_a_mistake_leaves_a_share_as_it_was(owners, network, share):
    page = owners.post(url(network), {"origins": "nonsense"}).content.decode()
    assert share.key in page
    share.refresh_from_db()
    assert share.origins == [PAGE]


def test_off_and_on_again_the_key_is_the_same(owners, visitor, network, share):
    owners.post(reverse("training:embed_off", args=[network.pk]))
    assert asked(visitor, share, "network").status_code == 404
    assert share.key not in owners.get(url(network)).content.decode()
    owners.post(url(network), {"origins": PAGE})
    assert asked(visitor, share, "network").status_code == 200


def test_sharing_takes_no_more_questions_with_many_networks(owners, network, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        owners.get(url(network))


def test_everybody_finds_the_starters_snippet_and_nobody_its_settings(visitor):
    page = visitor.get("/networks/starter/embed/").content.decode()
    assert '&lt;tryml-digit network="starter"' in page
    assert "Who may use it" not in page
    assert Client().post("/networks/starter/embed/", {"origins": "*"}).status_code == 404


def test_the_preview_may_start_a_worker_out_of_the_widgets_file(owners, network):
    assert "worker-src 'self' blob:" in owners.get(url(network))["Content-Security-Policy"]


def test_what_8_bits_cost_is_measured_once(owners, network, monkeypatch):
    page = owners.get(reverse("training:embed_cost", args=[network.pk])).content.decode()
    assert "instead of" in page
    assert "test images of" in page
    monkeypatch.setattr(shared_network, "_measured", None)
    assert owners.get(reverse("training:embed_cost", args=[network.pk])).content.decode() == page


def test_a_heavy_network_is_measured_on_fewer_images(owner, network, monkeypatch):
    found = networks.find(owner, str(network.pk))
    operations = sum(layer.operations for layer in networks.load(found).placed)
    monkeypatch.setattr(shared_network, "MEASURING", 200 * operations)
    assert shared_network.quantisation(owner, found, "").images == 200


def test_the_single_file_holds_network_and_widget(owners, network):
    response = owners.get(reverse("training:embed_file", args=[network.pk]), {"bits": "8"})
    page = response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="mine.html"'
    assert widget_bundle.script() in page
    encoded = page.split('<script id="network" type="text/plain">')[1].split("</script>")[0]
    back = formats.quantised.load(base64.b64decode(encoded))
    assert back.layers == list(SMALL.architecture)


# The script


def test_the_script_is_for_everybody_compressed_and_known_again(visitor):
    response = visitor.get("/embed/widget.js", headers={"Accept-Encoding": "gzip, br", "Origin": PAGE})
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "stale-while-revalidate" in response["Cache-Control"]
    assert gzip.decompress(response.content).decode() == widget_bundle.script()
    assert visitor.get("/embed/widget.js").content.decode() == widget_bundle.script()
    known = visitor.get("/embed/widget.js", headers={"If-None-Match": response["ETag"]})
    assert known.status_code == 304


# The network


def version(client, share):
    return asked(client, share, "network").json()["version"]


def test_a_page_of_an_allowed_origin_reads_the_network(visitor, network, share):
    about = asked(visitor, share, "network")
    assert about["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Credentials" not in about
    assert about["Vary"] == "Origin"
    assert not about.cookies
    assert about.json() == {"version": version(visitor, share), "corrections": False}
    file = asked(visitor, share, f"{version(visitor, share)}.safetensors")
    assert file.content == bytes(network.data)
    assert "immutable" in file["Cache-Control"]
    assert (file["Access-Control-Allow-Origin"], file["Vary"]) == (PAGE, "Origin")


@pytest.mark.parametrize("path", ["network", "x.safetensors"])
@pytest.mark.parametrize("origin", ["https://page.example.evil.example", "https://page.example:8443", "null"])
def test_a_page_of_another_origin_reads_why_not_and_no_more(visitor, share, origin, path):
    response = asked(visitor, share, path, origin=origin)
    assert response.status_code == 403
    assert response.content.decode() == f"This network's owner has not allowed it on {origin}."
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Vary"] == "Origin"


def test_every_page_may_use_what_is_open_to_all(visitor, share):
    Share.objects.update(origins=["*"])
    for origin in ("https://any.example", "null"):
        assert asked(visitor, share, "network", origin=origin)["Access-Control-Allow-Origin"] == origin


def test_our_own_pages_may_use_it_anyway(visitor, share):
    for origin in ("", "http://testserver"):
        assert "version" in asked(visitor, share, "network", origin=origin).json()


def test_the_starter_is_shared_with_everybody(visitor):
    share = shared_network.find("starter")
    file = asked(visitor, share, f"{version(visitor, share)}.safetensors", origin="https://any.example")
    assert file.content == networks.starter().data


@pytest.mark.parametrize("path", ["network", "x.safetensors", "corrections"])
def test_a_key_that_nothing_is_shared_by_leads_nowhere(visitor, path):
    method = "post" if path == "corrections" else "get"
    response = getattr(visitor, method)(f"/embed/{'A' * 22}/{path}", headers={"Origin": PAGE})
    assert (response.status_code, response.content) == (404, b"This network is not shared, or no longer.")


def test_the_networks_of_somebody_who_was_locked_out_are_shared_no_longer(visitor, share, owner):
    owner.is_active = False
    owner.save()
    assert asked(visitor, share, "network").status_code == 404


def test_8_bit_weights_are_sent_where_the_owner_chose_them(visitor, share, network):
    before = version(visitor, share)
    Share.objects.update(quantised=True)
    assert version(visitor, share) != before
    file = asked(visitor, share, f"{version(visitor, share)}.safetensors").content
    back = formats.quantised.load(file)
    assert np.allclose(back.parameters, formats.load(bytes(network.data)).parameters, atol=0.01)


def test_a_network_that_changed_has_another_address_and_the_old_one_says_so(visitor, share, network):
    old = version(visitor, share)
    for name, value in Network.contents(nn.Network.for_hyperparameters(SMALL), "Mine").items():
        setattr(network, name, value)
    network.save()
    assert version(visitor, share) != old
    response = asked(visitor, share, f"{old}.safetensors")
    assert (response.status_code, response.content) == (
        404,
        b"This network has changed. Load the page again.",
    )


def test_an_address_that_asks_too_often_is_told_to_wait(visitor, share, settings):
    settings.WIDGET_REQUESTS = 2
    statuses = [asked(visitor, share, "network").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = asked(visitor, share, "network")
    assert b"try again in a minute" in response.content
    assert response["Access-Control-Allow-Origin"] == "*"
    assert asked(visitor, share, "network", REMOTE_ADDR="192.0.2.7").status_code == 200


# Corrections

SENT = {"strokes": [[[0.2, 0.2], [0.8, 0.2], [0.4, 0.9]]], "label": 7, "answer": 1}


@pytest.fixture
def kept(monkeypatch):
    """What is kept, instead of in the database."""
    taken = []
    monkeypatch.setattr(
        "training.sharing.public_views.keep", lambda share, correction: taken.append((share, correction))
    )
    return taken


def send(client, share, sent=SENT, **more):
    body = sent if isinstance(sent, bytes) else json.dumps(sent)
    return asked(
        client, share, "corrections", method="post", data=body, content_type="application/json", **more
    )


def test_a_correction_goes_to_the_networks_owner_where_they_want_it(visitor, share, kept, owner):
    assert send(visitor, share).status_code == 403
    Share.objects.update(corrections=True)
    response = send(visitor, share)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == PAGE
    assert not response.cookies
    ((to, correction),) = kept
    assert to.network.owner == owner
    assert (correction.strokes, correction.label, correction.answer) == (SENT["strokes"], 7, 1)


def test_a_browser_is_told_beforehand_that_it_may_send_one(visitor, share):
    Share.objects.update(corrections=True)
    response = asked(visitor, share, "corrections", method="options")
    assert response["Access-Control-Allow-Methods"] == "POST"
    assert response["Access-Control-Allow-Headers"] == "content-type"
    assert (
        asked(visitor, share, "corrections", method="options", origin="https://b.example").status_code == 403
    )


def test_the_starter_takes_none(visitor, kept):
    response = send(visitor, shared_network.find("starter"))
    assert response.content == b"This network's owner takes no corrections."
    assert not kept


@pytest.mark.parametrize(
    ("sent", "status"), [(b"[]", 422), (b" " * (64 * 1024 + 1), 413), (b"x" * 2_000_000, 413)]
)
def test_what_is_no_correction_or_too_long_is_refused(visitor, share, kept, sent, status):
    Share.objects.update(corrections=True)
    assert send(visitor, share, sent).status_code == status
    assert not kept


def test_a_refusal_to_keep_it_reaches_the_visitor(visitor, share, monkeypatch):
    Share.objects.update(corrections=True)

    def full(share, correction):
        raise RefusedDrawing("There are enough drawings.")

    monkeypatch.setattr("training.sharing.public_views.keep", full)
    response = send(visitor, share)
    assert (response.status_code, response.content) == (422, b"There are enough drawings.")


def test_corrections_have_a_limit_of_their_own(visitor, share, kept, settings):
    Share.objects.update(corrections=True)
    settings.WIDGET_CORRECTIONS = 1
    assert [send(visitor, share).status_code for _ in range(2)] == [204, 429]
    assert asked(visitor, share, "network").status_code == 200


def test_a_drawing_is_kept_as_the_owners_with_its_source(share, owner, monkeypatch):
    correction = corrections.Correction(SENT["strokes"], 7, 1)
    corrections.keep(share, correction)
    kept = OwnDrawing.objects.get()
    assert (kept.owner, kept.strokes, kept.label, kept.answer) == (owner, SENT["strokes"], 7, 1)
    assert (kept.network, kept.source) == (str(share.network_id), "widget")
    monkeypatch.setattr("digits.models.drawing.MOST_DRAWINGS", 1)
    with pytest.raises(RefusedDrawing, match="the most there may be"):
        corrections.keep(share, correction)
