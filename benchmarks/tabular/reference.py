"""The Python side of the tabular benchmarks: reads one JSON request a line, answers with one JSON line.

{"op": "isolationForest", "file", "seeds"}   AUROC for every seed
{"op": "isolationForestTime", "file", "seed"} seconds to fit and to score all rows
{"op": "ecod", "file", "scores"}             writes decision_scores_ as raw float64; seconds
{"op": "versions"}
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
from pyod.models.ecod import ECOD
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

warnings.simplefilter("ignore")
loaded = {}


def load(path):
    if path not in loaded:
        loaded.clear()
        with np.load(path) as arrays:
            loaded[path] = arrays["X"], arrays["y"]
    return loaded[path]


def isolation_forest(request):
    x, y = load(request["file"])
    forests = [IsolationForest(random_state=seed).fit(x) for seed in request["seeds"]]
    return {"auroc": [roc_auc_score(y, -forest.score_samples(x)) for forest in forests]}


def isolation_forest_time(request):
    # float32 is what scikit-learn computes in: the conversion is not part of the time.
    x = load(request["file"])[0].astype(np.float32)
    start = time.perf_counter()
    forest = IsolationForest(random_state=request["seed"]).fit(x)
    fitted = time.perf_counter()
    forest.score_samples(x)
    return {"fit": fitted - start, "score": time.perf_counter() - fitted}


def ecod(request):
    x, y = load(request["file"])
    x = x.astype(np.float64)
    start = time.perf_counter()
    scores = ECOD().fit(x).decision_scores_
    seconds = time.perf_counter() - start
    scores.astype(np.float64).tofile(request["scores"])
    return {"seconds": seconds, "auroc": roc_auc_score(y, scores)}


def versions(_):
    return {name: version(name) for name in ["numpy", "scikit-learn", "pyod"]}


operations = {
    "isolationForest": isolation_forest,
    "isolationForestTime": isolation_forest_time,
    "ecod": ecod,
    "versions": versions,
}
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(operations[request["op"]](request)), flush=True)
