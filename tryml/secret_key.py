"""The secret key that signs cookies, made once for each home."""

import os
import secrets
from pathlib import Path


def secret_key(home: Path) -> str:
    """Return the key in the folder `home`; where there is none, make one that only its owner can read.

    Raises OSError where the key can't be read or written.
    """
    path = home / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        return _create(path)


def _create(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    try:
        # 1. Two processes find no key, and each writes a draft. 2. The first one links its draft as the key.
        # 3. The second one's link fails. Both read the first one's key.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
