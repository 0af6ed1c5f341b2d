"""Checks ONNX files with the standard's own checker, shape inference included.

    benchmarks/.venv/bin/python benchmarks/verify/check_onnx.py model.onnx ...

Prints one line a file and exits with 1 if any of them is not valid.
"""

import sys
from pathlib import Path

import onnx

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}


def fault_of(path: Path) -> str | None:
    """What is wrong with the file, or None."""
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # The checker, protobuf and the file system each raise their own.
        return " ".join(str(error).split()) or type(error).__name__
    foreign = sorted({node.domain for node in model.graph.node} - STANDARD_DOMAINS)
    return f"uses the domains {', '.join(foreign)}" if foreign else None


def main(arguments: list[str]) -> int:
    if not arguments:
        print("usage: check_onnx.py FILE.onnx ...", file=sys.stderr)
        return 2
    failed = 0
    for name in arguments:
        fault = fault_of(Path(name))
        failed += fault is not None
        print(f"{name}: {fault or 'valid'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
