"""What a person fills in: text on one side, hyperparameters and runs on the other."""

from training.runs.forms.controls import EpochsForm, RateForm
from training.runs.forms.edit import ExperimentForm, RunEditForm
from training.runs.forms.hyperparameters import HyperparametersForm
from training.runs.forms.run import RunForm

__all__ = [
    "EpochsForm",
    "ExperimentForm",
    "HyperparametersForm",
    "RateForm",
    "RunEditForm",
    "RunForm",
]
