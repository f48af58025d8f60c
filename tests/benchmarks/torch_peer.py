"""The loop that PyTorch's tutorials teach, for a comparison: prints the seconds of each epoch as JSON.

python torch_peer.py images.npy labels.npy '{"sizes": [128], "batch_size": 64, "epochs": 2, "held_out": 6000}'

Needs torch and numpy only. The whole dataset is one tensor, batches are indexed from it, Adam steps; each
epoch ends with loss and accuracy on the images held out, as ours does.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn


def measure(
    images: np.ndarray, labels: np.ndarray, sizes: list[int], batch_size: int, epochs: int, held_out: int
) -> list[float]:
    """Seconds an epoch."""
    torch.manual_seed(0)
    x = torch.from_numpy(images.reshape(-1, 784).astype(np.float32) / 255)
    y = torch.from_numpy(labels.astype(np.int64))
    count = len(x) - held_out
    parts: list[nn.Module] = []
    for inputs, units in zip([784, *sizes], sizes, strict=False):
        parts += [nn.Linear(inputs, units), nn.ReLU()]
    model = nn.Sequential(*parts, nn.Linear(sizes[-1], 10))
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        model.train()
        order = torch.randperm(count)
        for start in range(0, count, batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = loss_of(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x[count:])
            loss_of(logits, y[count:]).item()
            (logits.argmax(dim=1) == y[count:]).float().mean().item()
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    print(json.dumps(measure(np.load(sys.argv[1]), np.load(sys.argv[2]), **json.loads(sys.argv[3]))))
