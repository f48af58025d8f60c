"""Forms for the names and notes of runs and experiments."""

from django import forms

from training.models import Experiment, Run


class ExperimentForm(forms.ModelForm[Experiment]):
    class Meta:
        model = Experiment
        fields = ("name", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class RunEditForm(forms.ModelForm[Run]):
    class Meta:
        model = Run
        fields = ("name", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
