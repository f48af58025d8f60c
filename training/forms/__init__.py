"""What a person fills in: text on one side, hyperparameters and runs on the other."""

from training.forms.controls import EpochsForm, RateForm
from training.forms.edit import ExperimentForm, NetworkEditForm, RunEditForm
from training.forms.hyperparameters import HyperparametersForm
from training.forms.network_file import ImportForm
from training.forms.run import RunForm
from training.forms.share import ShareForm

__all__ = [
    "EpochsForm",
    "ExperimentForm",
    "HyperparametersForm",
    "ImportForm",
    "NetworkEditForm",
    "RateForm",
    "RunEditForm",
    "RunForm",
    "ShareForm",
]
