"""One contestant of bench.mjs: ResNet-18 in PyTorch, as published, steps of Adam timed one by one."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
BATCH, WIDTH, SMALL = settings["batchSize"], settings["width"], settings["stem"] == "small"


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = convolution(inputs, outputs, 3, stride)
        self.second = convolution(outputs, outputs, 3)
        self.shortcut = convolution(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = convolution(3, WIDTH, 3) if SMALL else convolution(3, WIDTH, 7, 2)
        blocks = []
        for group in range(4):
            outputs = WIDTH * 2**group
            blocks.append(Block(outputs // 2 if group else outputs, outputs, 2 if group else 1))
            blocks.append(Block(outputs, outputs, 1))
        self.blocks = nn.Sequential(*blocks)
        self.output = nn.Linear(8 * WIDTH, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        if not SMALL:
            x = F.max_pool2d(x, 3, 2, 1)
        return self.output(self.blocks(x).mean((2, 3)))


opened = {}


def stepper(variant):
    torch.manual_seed(1)
    model = ResNet18()
    images = torch.randn(4 * BATCH, 3, 32, 32)
    if "channels last" in variant:
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    labels = torch.arange(4 * BATCH) % 10
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, foreach="foreach" in variant)
    order = torch.randperm(4 * BATCH)
    at = 0

    def step():
        nonlocal at
        rows = order[at : at + BATCH]
        at = (at + BATCH) % (3 * BATCH + 1)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


for line in sys.stdin:
    request = json.loads(line)
    variant = request["variant"]
    step = opened.setdefault(variant, None) or stepper(variant)
    opened[variant] = step
    times, processor = [], []
    for _ in range(request["steps"]):
        start, used = time.perf_counter(), time.process_time()
        loss = step()
        times.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - used))
    print(json.dumps({"times": times, "processor": processor, "loss": loss}), flush=True)
