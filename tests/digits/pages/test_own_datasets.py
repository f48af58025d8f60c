"""My datasets: uploading, looking at and deleting one's own."""

import io
import zipfile

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from digits.models import OwnDataset, OwnPart
from digits.models.own_dataset import MOST_DATASETS
from digits.uploads import upload as limits
from tests.conftest import signed_in
from tests.digits.conftest import images, upload
from tryml.monitoring.models import Event

OWN = "/datasets/"


def pair(**changes):
    split = images()
    files = {"images": upload(split.images, "digits.gz"), "labels": upload(split.labels, "labels.gz")}
    return {"kind": "idx", **files, **changes}


def zip_file(**changes):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n, image in enumerate(images().images):
            picture = io.BytesIO()
            Image.fromarray(np.kron(255 - image, np.ones((3, 3), np.uint8))).save(picture, "PNG")
            archive.writestr(f"{n % 3}/{n}.png", picture.getvalue())
    file.seek(0)
    file.name = "class 7b.zip"
    return {"kind": "zip", "archive": file, **changes}


def errors(client, data):
    response = client.post(OWN, data)
    assert response.status_code == 422
    assert not OwnDataset.objects.exists()
    assert not OwnPart.objects.exists()
    return {name: " ".join(lines) for name, lines in response.context["form"].errors.items()}


def test_a_zip_of_pictures_becomes_a_dataset(owners, owner, home):
    assert owners.post(OWN, zip_file(classes="no, yes, maybe")).url == OWN
    own = OwnDataset.objects.of(owner).get()
    assert (own.title, own.train_count, own.test_count) == ("class 7b", 108, 12)
    assert own.classes == ["no", "yes", "maybe"]
    page = owners.get(OWN).content.decode()
    assert "class 7b is ready: 108 + 12 images." in page
    assert "dark ink on light paper" in page
    assert "maybe" in page
    assert Event.objects.get(kind="dataset uploaded").user == owner


def test_a_pair_of_idx_files_becomes_one(owners, owner, home):
    test = images(20, seed=1)
    more = {"test_images": upload(test.images, "t"), "test_labels": upload(test.labels, "u"), "title": "Pair"}
    owners.post(OWN, pair(**more))
    own = OwnDataset.objects.of(owner).get()
    assert (own.title, own.train_count, own.test_count) == ("Pair", 120, 20)
    np.testing.assert_array_equal(own.load().test.images, test.images)


def test_htmx_is_sent_to_the_list(owners, home):
    response = owners.post(OWN, zip_file(), headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == OWN


def test_an_error_stands_beside_its_field_and_the_form_is_kept(owners):
    response = owners.post(OWN, {"kind": "idx", "title": "Kept"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="Kept"' in page
    assert page.count("Choose a file.") == 2


def test_for_htmx_only_the_errors_come_back(owners):
    response = owners.post(OWN, {"kind": "zip"}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'hx-swap-oob="true">Choose a file.</p>' in page.replace("\n", "").replace("  ", "")
    assert "<form" not in page


@pytest.mark.parametrize(
    ("change", "field", "line"),
    [
        ({"labels": None}, "labels", "Choose a file."),
        ({"labels": upload(images().labels[:99], "l")}, "labels", "Expected 120 labels, one an image, found 99."),
        ({"images": upload(images().labels, "l")}, "images", "l: expected magic number 0x00000803 (images), found"),
        ({"labels": upload(images(labels=1).labels, "l")}, "labels", "Expected at least 2 different labels, found"),
        ({"test_images": upload(images().images, "t")}, "test_labels", "A test split has both images and labels."),
        ({"test_labels": upload(images().labels, "t")}, "test_images", "A test split has both images and labels."),
        ({"classes": "a, b"}, "classes", "Expected 6 names, for the labels 0 to 5, found 2."),
        ({"classes": "a,,b"}, "classes", "A name has 1 to 20 characters; names are separated by commas."),
        ({"classes": ",".join("abcdefghijk")}, "classes", "There are at most 10 labels; these are 11 names."),
        ({"title": "x" * 61}, "title", "Ensure this value has at most 60 characters (it has 61)."),
        ({"kind": "tar"}, "kind", "Select a valid choice. tar is not one of the available choices."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_one_line_beside_its_field(owners, change, field, line):
    for file in change.values():
        if hasattr(file, "seek"):
            file.seek(0)
    data = {name: value for name, value in pair(**change).items() if value is not None}
    found = errors(owners, data)
    assert list(found) == [field]
    assert found[field].startswith(line)


def test_a_zip_that_is_refused_leaves_nothing(owners):
    bad = io.BytesIO(b"hello")
    bad.name = "bad.zip"
    found = errors(owners, {"kind": "zip", "archive": bad})
    assert found["archive"].startswith("bad.zip: expected a zip file, found none that can be read")


def test_an_upload_that_is_too_large_is_refused_unread(owners, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(limits, "read_images", None)
    random = np.random.default_rng(0).integers(0, 256, (2000, 28, 28), np.uint8)
    found = errors(owners, pair(images=upload(random, "i")))
    assert found == {"images": "Expected at most 1 MB, found 1.6 MB."}


def test_the_most_there_may_be_is_told(owners, owner, home, intake):
    for number in range(MOST_DATASETS):
        OwnDataset.objects.keep(owner, str(number), [], intake)
    page = owners.get(OWN).content.decode()
    assert "the most there may be" in page
    assert "data-upload" not in page
    response = owners.post(OWN, zip_file(), headers={"HX-Request": "true"})
    assert "You have 5 datasets, the most there may be: delete one first." in response.content.decode()
    assert OwnDataset.objects.count() == MOST_DATASETS


def test_ones_own_dataset_is_browsed_by_nobody_else(own, owners, strangers, client):
    address = f"/digits/?dataset={own.key}&split=train&label=1"
    response = owners.get(address)
    assert {tile["name"] for tile in response.context["tiles"]} == {"one"}
    assert own.key in [entry.key for entry in response.context["entries"]]
    image = f"/digits/train/3/?dataset={own.key}"
    assert owners.get(image).status_code == 200
    for other in (strangers, client):
        assert other.get(address).status_code == 404
        assert other.get(image).status_code == 404
        assert "Mine" not in other.get("/digits/").content.decode()


def test_deleting_asks_first(own, owners):
    address = reverse("digits:own_delete", args=[own.pk])
    assert "gone for good" in owners.get(address).content.decode()
    assert OwnDataset.objects.exists()
    assert owners.post(address).url == OWN
    assert not OwnDataset.objects.exists()
    assert owners.post(address).status_code == 404, "twice"


def test_a_stranger_deletes_nothing(own, strangers):
    assert strangers.post(reverse("digits:own_delete", args=[own.pk])).status_code == 404
    assert OwnDataset.objects.exists()


def test_the_list_is_for_people_who_are_known(client, db):
    assert client.get(OWN).url.startswith("/accounts/login/")
    assert client.post(OWN, {}).url.startswith("/accounts/login/")


def test_a_guest_may_upload(guest, home):
    assert signed_in(guest).post(OWN, zip_file()).url == OWN


def test_content_that_cannot_be_read_spoils_no_page(own, owners):
    OwnPart.objects.all().delete()
    assert "can't be read" in owners.get(OWN).content.decode()


def test_an_administrator_sees_and_deletes_but_never_edits(own, admin_user):
    admins = signed_in(admin_user)
    assert "Mine" in admins.get(reverse("admin:digits_owndataset_changelist")).content.decode()
    page = admins.get(reverse("admin:digits_owndataset_change", args=[own.pk])).content.decode()
    assert own.fingerprint in page
    assert 'name="title"' not in page
    admins.post(reverse("admin:digits_owndataset_delete", args=[own.pk]), {"post": "yes"})
    assert not OwnDataset.objects.exists()
