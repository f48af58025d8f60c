"""What can go wrong with a dataset, always in one line that a person can act on."""

import gzip
import http.client
import urllib.error
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class DatasetError(Exception):
    """Raised when a file of a dataset is not what it should be: one line naming the file, what was expected
    and what was found."""


class DatasetMissing(DatasetError):
    """Raised when a dataset is not on this machine: one sentence with the reasons."""


class StorageError(DatasetError):
    """Raised when a file of ours cannot be written: disk full, no permission, read-only."""


@contextmanager
def reading(name: object) -> Iterator[None]:
    """Turns whatever reading the file or address ``name`` may raise into a `DatasetError`."""
    try:
        yield
    except EOFError as error:
        raise DatasetError(f"{name}: expected a whole gzip file, found one that ends too early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(f"{name}: expected a gzip file, found a damaged one ({error})") from error
    except zipfile.BadZipFile as error:
        raise DatasetError(f"{name}: expected a sound zip file, found a damaged one ({error})") from error
    except urllib.error.HTTPError as error:
        error.close()
        raise DatasetError(f"{name}: the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        host = urlsplit(str(name)).hostname
        raise DatasetError(f"{host} cannot be reached ({_reason(error.reason)})") from error
    except (OSError, http.client.HTTPException) as error:
        raise DatasetError(f"{name}: cannot be read ({_reason(error)})") from error


def _reason(error: object) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__
