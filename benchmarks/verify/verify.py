"""Checks every N.onnx of a folder with ONNX's checker, and against the scores in N.json."""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

DTYPES = {"float64": np.float64, "float32": np.float32, "uint8": np.uint8, "string": object}

failed = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = sorted({node.domain or "ai.onnx" for node in model.graph.node})
    case = json.loads(path.with_suffix(".json").read_text())
    feeds = {
        name: np.array(tensor["data"], dtype=DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
        for name, tensor in case["inputs"].items()
    }
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    results = dict(zip(names, session.run(None, feeds)))
    worst = 0.0
    for name, expected in case["expected"].items():
        actual = results[name].astype(np.float64).ravel()
        expected = np.array(expected, dtype=np.float64)
        scale = np.maximum(np.abs(expected), 1e-3)
        difference = float(np.max(np.abs(actual - expected) / scale))
        tolerance = 1e-5 if name in ("score", "p_value", "is_anomaly") else 1e-4
        if actual.shape != expected.shape or difference > tolerance:
            print(f"FAIL {case['name']}: {name} differs by {difference:.1e}")
            failed += 1
        worst = max(worst, difference)
    print(f"{case['name']:34} checker ok, {len(names)} outputs, domains {', '.join(domains)}, largest difference {worst:.1e}")

sys.exit(1 if failed else 0)
