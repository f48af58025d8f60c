"""Real PostgreSQL and Redis for the tests, as a pytest plugin.

Before Django reads its settings, this sets TRYML_HOME to a temporary home. The servers run there until the last
test has ended. With `pytest -n`, each process has a home and servers of its own.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

_stack = ExitStack()

HOME = Path(tempfile.mkdtemp(prefix="tryml-tests-"))
HOME.chmod(0o711)
_stack.callback(shutil.rmtree, HOME, ignore_errors=True)
os.environ["TRYML_HOME"] = str(HOME)
os.environ["TRYML_ROLE"] = "tests"
# Several threads of linear algebra would wait for each other on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Tests download nothing: MNIST comes from MNIST_DIR, else the substitute is used.
os.environ["TRYML_DOWNLOAD"] = "0"


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):
        return  # this process only distributes the tests

    from tryml import servers

    _stack.enter_context(servers.services(HOME))

    from digits import datasets

    datasets.prepare()


def pytest_unconfigure() -> None:
    _stack.close()
