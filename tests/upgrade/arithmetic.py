"""What sums of floating-point numbers depend on besides the program, to their last bit."""

import numpy as np
import sklearn
from threadpoolctl import threadpool_info


def arithmetic() -> dict[str, object]:
    """The libraries that compute, and the instructions of this processor that they choose by."""
    features = np._core._multiarray_umath.__cpu_features__
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    return {
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "blas": sorted([each["version"], each["architecture"], each["num_threads"]] for each in blas),
        "processor": sorted(name for name, is_there in features.items() if is_there),
    }
