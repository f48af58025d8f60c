"""A pretended GPU for PyTorch: it computes on the processor but keeps its tensors apart.

As a real GPU does, it refuses operations on tensors left in the processor's memory, and reads without a copy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

# The device that stands for the GPU: PyTorch has no kernels for it, and no threads for its backward pass.
GPU = torch.device("meta")
COPIES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}


class Far(torch.Tensor):
    """A tensor in the GPU's memory; its values are really in the processor's tensor `near`."""

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> "Far":
        far: Far = torch.Tensor._make_wrapper_subclass(
            cls, near.size(), strides=near.stride(), dtype=near.dtype, device=GPU
        )
        far.near = near
        return far

    near: torch.Tensor

    @classmethod
    def __torch_dispatch__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return _computed(function, args, dict(kwargs or {}))


class Gpu(TorchDispatchMode):
    """Makes the pretended GPU available; `operations` counts the operations on its tensors."""

    operations = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else PyTorch loads its compiler, which fails after TensorFlow has been loaded

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.operations += any(isinstance(leaf, Far) for leaf in tree_leaves((args, kwargs)))
        return _computed(function, args, dict(kwargs or {}))


def _computed(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    is_far = any(isinstance(tensor, Far) for tensor in tensors)
    strays = [tensor for tensor in tensors if tensor.dim() and not isinstance(tensor, Far)]
    if is_far and strays and function not in COPIES:
        raise RuntimeError(f"{function}: expected all tensors on the GPU")
    if device := kwargs.pop("device", None):
        is_far = torch.device(device) == GPU
    args, kwargs = tree_map(lambda leaf: leaf.near if isinstance(leaf, Far) else leaf, (args, kwargs))
    answer = function(*args, **kwargs)
    return tree_map(lambda leaf: Far(leaf) if is_far and isinstance(leaf, torch.Tensor) else leaf, answer)
