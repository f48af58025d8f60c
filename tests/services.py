"""Real PostgreSQL and Redis for the tests, as a pytest plugin: before Django reads its settings, the environment
points at a home of the tests' own, and the services run there until the last test has ended. Of several processes
that share the tests (`pytest -n`), each has its own.
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
# Threads that wait for each other would make everything slow wherever something else runs too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# No test fetches anything: MNIST is where MNIST_DIR says, or the substitute serves.
os.environ["TRYML_DOWNLOAD"] = "0"


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):
        return  # it only hands the tests out

    from tryml import servers

    _stack.enter_context(servers.services(HOME))

    from digits import datasets

    datasets.prepare()


def pytest_unconfigure() -> None:
    _stack.close()
