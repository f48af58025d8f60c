"""The errors of datasets; each message is one line that tells a person what to do about it."""

import gzip
import http.client
import urllib.error
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class DatasetError(Exception):
    """Raised for a wrong or unreadable file of a dataset; the message is one line with the file, the expected and
    the found content."""


class DatasetMissing(DatasetError):
    """Raised when a dataset is not on this machine; the message is one sentence with the reasons."""


class StorageError(DatasetError):
    """Raised when the application cannot write its own file: disk full, no permission, read-only."""


@contextmanager
def reading(name: object) -> Iterator[None]:
    """Turns every error of reading the file or address ``name`` into a `DatasetError`."""
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
