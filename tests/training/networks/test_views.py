"""The page of one's networks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from training.ml import formats, nn
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.templates import TEMPLATES, dense
from training.models import Network

pytestmark = pytest.mark.django_db
URL = "/networks/"


def made(layers=None):
    return nn.Network.for_hyperparameters(Hyperparameters(layers=dense(4) if layers is None else layers))


def file(network, name="mine.safetensors"):
    return SimpleUploadedFile(name, formats.dump(network))


def test_without_networks_the_page_says_what_will_be_here(owners):
    assert b"No networks yet" in owners.get(URL).content


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_file_is_imported_and_listed(owners, owner, template):
    response = owners.post(URL, {"file": file(made(TEMPLATES[template])), "name": ""})
    assert response.status_code == 302
    network = Network.objects.get(owner=owner)
    assert (network.name, network.run) == ("mine", None)
    assert formats.load(bytes(network.data)).layers == network.layers
    assert b"a file" in owners.get(URL).content


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", b"empty"), (b"PK\x03\x04 no network", b"This is no network"), (None, b"required")],
)
def test_what_is_no_network_is_refused_and_not_stored(owners, content, message):
    upload = {} if content is None else {"file": SimpleUploadedFile("x.safetensors", content)}
    response = owners.post(URL, upload)
    assert response.status_code == 422
    assert message in response.content
    assert not Network.objects.exists()


def test_nobody_brings_more_than_the_limit(owners, owner, settings):
    settings.IMPORTED_NETWORKS = 1
    Network.objects.create(owner=owner, **Network.contents(made(), "first"))
    response = owners.post(URL, {"file": file(made())})
    assert b"no more than 1 may be kept" in response.content
    assert Network.objects.count() == 1


def test_a_network_is_renamed_and_deleted(owners, owner):
    network = Network.objects.create(owner=owner, **Network.contents(made(), "first"))
    owners.post(reverse("training:edit_network", args=[network.pk]), {"name": "second"})
    network.refresh_from_db()
    assert network.name == "second"
    owners.post(reverse("training:delete_network", args=[network.pk]))
    assert not Network.objects.exists()


def test_strangers_networks_are_not_listed(strangers, owner):
    Network.objects.create(owner=owner, **Network.contents(made(), "secret"))
    assert b"secret" not in strangers.get(URL).content
