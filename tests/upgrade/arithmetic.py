"""The libraries and the processor, on which the last bits of floating-point sums depend."""

import numpy as np
import sklearn
from threadpoolctl import threadpool_info


def arithmetic() -> dict[str, object]:
    """Return the versions of the numeric libraries, and the processor's features, by which they choose their code."""
    features = np._core._multiarray_umath.__cpu_features__
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    return {
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "blas": sorted([each["version"], each["architecture"], each["num_threads"]] for each in blas),
        "processor": sorted(name for name, is_there in features.items() if is_there),
    }
