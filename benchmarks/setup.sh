#!/usr/bin/env bash
# Makes benchmarks/.venv, the Python side of the benchmarks and of the test fixtures.
#   benchmarks/setup.sh [reference|torch|tensorflow|all]      default: reference
# reference is always installed: the others lean on its numpy.
# torch takes about 6 GB: PyPI's Linux wheel is linked against the CUDA libraries and does not load
# without them, even where it only ever uses the CPU.
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-reference}" in
  reference) stages=(reference) ;;
  torch) stages=(reference torch) ;;
  tensorflow) stages=(reference tensorflow) ;;
  all) stages=(reference torch tensorflow) ;;
  *)
    echo "setup.sh: unknown stage '$1'; choose reference, torch, tensorflow or all" >&2
    exit 2
    ;;
esac

[ -x .venv/bin/python ] || python3 -m venv .venv
arguments=()
for stage in "${stages[@]}"; do arguments+=(-r "requirements/$stage.txt"); done
.venv/bin/python -m pip install --disable-pip-version-check "${arguments[@]}"

for stage in "${stages[@]}"; do
  case "$stage" in
    reference) .venv/bin/python -c 'import numpy, scipy, sklearn, pyod, onnx, onnxruntime' ;;
    torch) .venv/bin/python -c 'import torch; torch.zeros(2, 2) @ torch.zeros(2, 2)' ;;
    tensorflow) .venv/bin/python -c 'import tensorflow' 2>/dev/null ;;
  esac
  echo "$stage: ready"
done
