"""The training loop of PyTorch's tutorials, for comparison: prints the seconds of each epoch as JSON.

python torch_peer.py images.npy labels.npy '{"sizes": [128], "batch_size": 64, "optimizer": "adam", "epochs": 2,
"held_out": 6000}'

`sizes` are the units of dense hidden layers; null stands for the CNN of Keras' example, in the memory layout that is
faster for PyTorch here, channels last. Needs only torch and numpy. The whole dataset is one tensor, from which batches
are indexed. Each epoch ends with loss and accuracy on the `held_out` images, as ours does.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

OPTIMIZERS = {"adam": (torch.optim.Adam, 1e-3), "sgd": (torch.optim.SGD, 0.1)}


def dense(sizes: list[int]) -> nn.Module:
    parts: list[nn.Module] = [nn.Flatten()]
    for inputs, units in zip([784, *sizes], sizes, strict=False):
        parts += [nn.Linear(inputs, units), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 10))


def keras_cnn() -> nn.Module:
    stages = [
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(1600, 10),
    ]
    return nn.Sequential(*stages).to(memory_format=torch.channels_last)


def measure(
    images: np.ndarray,
    labels: np.ndarray,
    sizes: list[int] | None,
    batch_size: int,
    optimizer: str,
    epochs: int,
    held_out: int,
) -> list[float]:
    """Train, and return the seconds of each epoch. `images` are uint8 (n, 28, 28), `labels` (n,)."""
    torch.manual_seed(0)
    x = torch.from_numpy(images.reshape(-1, 1, 28, 28).astype(np.float32) / 255)
    y = torch.from_numpy(labels.astype(np.int64))
    count = len(x) - held_out
    model = keras_cnn() if sizes is None else dense(sizes)
    loss_of = nn.CrossEntropyLoss()
    kind, rate = OPTIMIZERS[optimizer]
    stepper = kind(model.parameters(), lr=rate)
    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        model.train()
        order = torch.randperm(count)
        for start in range(0, count, batch_size):
            batch = order[start : start + batch_size]
            stepper.zero_grad()
            loss = loss_of(model(x[batch]), y[batch])
            loss.backward()
            stepper.step()
        model.eval()
        with torch.no_grad():
            logits = torch.cat([model(part) for part in x[count:].split(1000)])
            loss_of(logits, y[count:]).item()
            (logits.argmax(dim=1) == y[count:]).float().mean().item()
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    print(json.dumps(measure(np.load(sys.argv[1]), np.load(sys.argv[2]), **json.loads(sys.argv[3]))))
