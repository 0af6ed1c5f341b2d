"""What the Python contestants of bench.mjs share: data, and answers to one request a line."""

import gzip
import json
import sys
import time

import numpy as np

settings = json.loads(sys.argv[1])
batch_size = settings["batchSize"]


def read_images():
    with gzip.open(settings["images"]) as file:
        data = np.frombuffer(file.read(), np.uint8, offset=16)
    return data.reshape(-1, 784).astype(np.float32) / 255


def answer_all(answer):
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def timed(step, steps):
    """Milliseconds of each of the next steps."""
    times = []
    for _ in range(steps):
        begun = time.perf_counter()
        step()
        times.append((time.perf_counter() - begun) * 1000)
    return times
