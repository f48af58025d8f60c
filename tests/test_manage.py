import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://me:sesame@host/name", "postgres://me:se/same@host/name", "sqlite://:memory:"]
)
def test_a_database_url_of_another_form_is_told_in_one_line_without_the_password(url):
    # when
    done = manage("serve", DATABASE_URL=url)

    # then
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL is not of the form postgresql://")
    assert done.stderr.count("\n") == 1
    assert "same" not in done.stderr


def test_a_home_that_cannot_be_written_to_is_told_in_one_line():
    # when
    done = manage("serve", TRYML_HOME="/dev/null/home")

    # then
    assert done.returncode == 1
    assert done.stderr.startswith("/dev/null")
    assert done.stderr.endswith(": Not a directory. Set TRYML_HOME to a folder that can be written to.\n")
