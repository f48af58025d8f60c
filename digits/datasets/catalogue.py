"""The published datasets that anybody can download: their files, addresses and checksums."""

from collections.abc import Iterator
from dataclasses import dataclass

from digits.datasets import idx
from digits.datasets.dataset import SIDE, Description


@dataclass(frozen=True)
class File:
    """One of the four files of a dataset.

    Verified by the SHA-256 of its content, or of the gzip file where only that is published, or of its archive."""

    name: str
    magic: int
    count: int
    sha256: str = ""
    packed_sha256: str = ""

    @property
    def expected(self) -> str:
        """The SHA-256 that verifies the file; empty where only the archive has one."""
        return self.sha256 or self.packed_sha256

    @property
    def packed_limit(self) -> int:
        """An upper limit for the size of the gzip file, in bytes."""
        size = 16 + self.count * (SIDE * SIDE if self.magic == idx.IMAGES else 1)
        return size + size // 1000 + 1024

    def spellings(self) -> Iterator[str]:
        """The file names under which people store this file."""
        for name in (self.name, self.name.replace("-idx", ".idx")):
            yield from (name, f"{name}.gz")


@dataclass(frozen=True)
class Archive:
    """A zip file that contains the four files, in gzip, among others."""

    name: str
    size: int  # bytes
    sha256: str
    members: tuple[str, ...]  # in the order of the release's files


@dataclass(frozen=True, kw_only=True)
class Release(Description):
    """A published dataset. Each mirror is the address of a folder with its ``.gz`` files, or with its archive."""

    size: int  # bytes to download
    files: tuple[File, ...]  # training images, training labels, test images, test labels
    mirrors: tuple[str, ...]
    archive: Archive | None = None
    transposed: bool = False  # the published images have rows and columns exchanged


_UNKNOWN = ("", "", "", "")


def _files(
    train: int, test: int, sha256: tuple[str, ...] = _UNKNOWN, packed_sha256: tuple[str, ...] = _UNKNOWN
) -> tuple[File, ...]:
    names = (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    )
    magics = (idx.IMAGES, idx.LABELS) * 2
    counts = (train, train, test, test)
    return tuple(map(File, names, magics, counts, sha256, packed_sha256))


MNIST = Release(
    name="mnist",
    title="MNIST",
    summary="70,000 digits by American clerks and pupils: what everybody starts with.",
    source="The MNIST database of handwritten digits by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, "
    "licensed under CC BY-SA 3.0.",
    train=60_000,
    test=10_000,
    size=11_594_722,
    files=_files(
        60_000,
        10_000,
        sha256=(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)

FASHION_MNIST = Release(
    name="fashion-mnist",
    title="Fashion-MNIST",
    summary="70,000 pictures of clothes, in MNIST's form and harder than digits.",
    source="Fashion-MNIST by Han Xiao, Kashif Rasul and Roland Vollgraf (Zalando, 2017), MIT licence.",
    train=60_000,
    test=10_000,
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    size=30_878_645,
    files=_files(
        60_000,
        10_000,
        # SHA-256 of the contents of the files whose MD5 the authors publish (8d4fb7e6c68d591d4c3dfef9ec88bf0d, …),
        # as the crate dataset_ml and others give them.
        sha256=(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
)

KMNIST = Release(
    name="kmnist",
    title="KMNIST",
    summary="Kuzushiji-MNIST: 70,000 characters in the cursive script of old Japanese books.",
    source="KMNIST dataset (created by CODH), adapted from the Kuzushiji dataset (created by NIJL and others), "
    "doi:10.20676/00000341, licensed under CC BY-SA 4.0.",
    train=60_000,
    test=10_000,
    # The characters and their readings: https://github.com/rois-codh/kmnist
    classes=("お o", "き ki", "す su", "つ tsu", "な na", "は ha", "ま ma", "や ya", "れ re", "を wo"),
    size=21_240_888,
    files=_files(
        60_000,
        10_000,
        # SHA-256 of the gzip files, as TensorFlow Datasets (url_checksums/kmnist.txt) and others publish them.
        packed_sha256=(
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ),
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ),
)

EMNIST_DIGITS = Release(
    name="emnist-digits",
    title="EMNIST digits",
    summary="280,000 digits of the collection that MNIST was taken from: four times as many.",
    source="EMNIST by Gregory Cohen, Saeed Afshar, Jonathan Tapson and André van Schaik (2017), derived from NIST "
    "Special Database 19; free to use, please cite arXiv:1702.05373.",
    train=240_000,
    test=40_000,
    size=561_753_746,
    files=_files(240_000, 40_000),
    mirrors=(
        "https://biometrics.nist.gov/cs_links/EMNIST/",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
    ),
    archive=Archive(
        name="gzip.zip",
        size=561_753_746,
        # As TensorFlow Datasets (url_checksums/emnist.txt) and others publish it.
        sha256="fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
        members=(
            "gzip/emnist-digits-train-images-idx3-ubyte.gz",
            "gzip/emnist-digits-train-labels-idx1-ubyte.gz",
            "gzip/emnist-digits-test-images-idx3-ubyte.gz",
            "gzip/emnist-digits-test-labels-idx1-ubyte.gz",
        ),
    ),
    transposed=True,
)

RELEASES = {release.name: release for release in (MNIST, FASHION_MNIST, KMNIST, EMNIST_DIGITS)}
