import pytest

from digits.datasets import idx
from digits.datasets.catalogue import EMNIST_DIGITS, MNIST, RELEASES, Release


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
def test_a_release_is_whole(release: Release) -> None:
    names = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]
    assert [file.name for file in release.files] == names
    assert [file.magic for file in release.files] == [idx.IMAGES, idx.LABELS] * 2
    assert [file.count for file in release.files] == [release.train] * 2 + [release.test] * 2
    assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in release.mirrors)
    assert len(release.mirrors) == 2


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
def test_everything_to_download_has_a_checksum_of_its_own(release: Release) -> None:
    digests = [release.archive.sha256] if release.archive else [file.expected for file in release.files]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in digests)


def test_mnist_comes_over_https() -> None:
    assert all(mirror.startswith("https://") for mirror in MNIST.mirrors)
    assert MNIST.files[0].packed_limit > 47_040_016


def test_emnist_names_a_member_for_each_file() -> None:
    assert EMNIST_DIGITS.archive
    for file, member in zip(EMNIST_DIGITS.files, EMNIST_DIGITS.archive.members, strict=True):
        assert member.endswith(f"{file.name.replace('t10k', 'test')}.gz")
