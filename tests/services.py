"""Real PostgreSQL and Redis for the tests, as a pytest plugin: before Django reads its settings, the environment
points at a home of the tests' own, and the services run there until the last test has ended.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

_stack = ExitStack()

HOME = Path(tempfile.mkdtemp(prefix="tryml-tests-"))
HOME.chmod(0o711)
os.environ["TRYML_HOME"] = str(HOME)
os.environ["TRYML_ROLE"] = "tests"
# Threads that wait for each other would make everything slow wherever something else runs too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# No test fetches anything: MNIST is where MNIST_DIR says, or the substitute serves.
os.environ["TRYML_DOWNLOAD"] = "0"


def pytest_sessionstart() -> None:
    from tryml import embedded

    _stack.callback(shutil.rmtree, HOME, ignore_errors=True)
    _stack.enter_context(embedded.services(HOME))

    from digits import datasets

    datasets.prepare()


def pytest_unconfigure() -> None:
    _stack.close()
