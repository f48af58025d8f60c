"""What users keep: datasets, drawings, which of them a training learns, and a pinned drawing."""

from digits.models.drawing import OwnDrawing, OwnDrawingQuerySet, Source
from digits.models.handwriting import Handwriting, HandwritingQuerySet
from digits.models.own_dataset import OwnDataset, OwnDatasetQuerySet, OwnPart, TooManyDatasets
from digits.models.pinned_drawing import PinnedDrawing, PinnedDrawingQuerySet

__all__ = [
    "Handwriting",
    "HandwritingQuerySet",
    "OwnDataset",
    "OwnDatasetQuerySet",
    "OwnDrawing",
    "OwnDrawingQuerySet",
    "OwnPart",
    "PinnedDrawing",
    "PinnedDrawingQuerySet",
    "Source",
    "TooManyDatasets",
]
