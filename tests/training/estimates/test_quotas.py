import pytest

from training.estimates.estimate import estimate
from training.estimates.quotas import refused
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.presets import PRESETS
from training.ml.config.templates import dense

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid_and_within_the_quotas(name):
    hyperparameters = PRESETS[name].hyperparameters
    hyperparameters.validate()
    assert refused(estimate(hyperparameters, 60_000)) == ""


def test_oversized_work_is_refused_with_both_numbers(settings):
    text = refused(
        estimate(Hyperparameters(layers=dense(4096, 3000), batch_size=8192, optimizer="adam"), 60_000)
    )
    assert text == ""
    settings.RUN_MEMORY = 10**9
    wide = refused(estimate(Hyperparameters(layers=dense(4096, 3000), batch_size=8192), 60_000))
    assert "GB of memory, and a run may take 953.7" in wide
