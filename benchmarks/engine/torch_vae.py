"""The networks of networks.mjs in PyTorch, eager and compiled."""

import numpy as np
import torch
from contestant import answer_all, batch_size, read_images, settings, timed
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(settings["threads"])
images = torch.from_numpy(read_images())


def bound(x, logits, mean, log_variance):
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_variance - mean * mean - log_variance.exp())
    return (reconstruction + divergence) / len(x)


class Dense(nn.Module):
    latent = 20

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mean = nn.Linear(400, 20)
        self.logVariance = nn.Linear(400, 20)
        self.expand = nn.Linear(20, 400)
        self.output = nn.Linear(400, 784)

    def forward(self, x, noise):
        h = F.relu(self.hidden(x))
        mean, log_variance = self.mean(h), self.logVariance(h)
        z = mean + torch.exp(0.5 * log_variance) * noise
        return bound(x, self.output(F.relu(self.expand(z))), mean, log_variance)


class Convolutional(nn.Module):
    latent = 3

    def __init__(self, channels_last=False):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 2, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 2, 1)
        self.hidden = nn.Linear(3136, 16)
        self.mean = nn.Linear(16, 3)
        self.logVariance = nn.Linear(16, 3)
        self.expand = nn.Linear(3, 3136)
        self.deconv1 = nn.ConvTranspose2d(64, 64, 3, 2, 1, 1)
        self.deconv2 = nn.ConvTranspose2d(64, 32, 3, 2, 1, 1)
        self.deconv3 = nn.ConvTranspose2d(32, 1, 3, 1, 1)
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.to(memory_format=self.format)

    def forward(self, x, noise):
        image = x.view(-1, 1, 28, 28).contiguous(memory_format=self.format)
        features = F.relu(self.conv2(F.relu(self.conv1(image))))
        h = F.relu(self.hidden(features.permute(0, 2, 3, 1).flatten(1)))
        mean, log_variance = self.mean(h), self.logVariance(h)
        z = mean + torch.exp(0.5 * log_variance) * noise
        small = F.relu(self.expand(z)).view(-1, 7, 7, 64).permute(0, 3, 1, 2)
        wide = F.relu(self.deconv2(F.relu(self.deconv1(small.contiguous(memory_format=self.format)))))
        return bound(x, self.deconv3(wide).reshape(-1, 784), mean, log_variance)


def network(name, variant):
    return Dense() if name == "dense" else Convolutional("channels last" in variant)


def trainer(name, variant):
    model = network(name, variant)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused="fused" in variant)
    loss_of = torch.compile(model) if "compiled" in variant else model

    def step(x, noise):
        optimizer.zero_grad()
        loss = loss_of(x, noise)
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, step


opened = {}


def stepper(name, variant):
    model, step = trainer(name, variant)
    order = torch.randperm(len(images))
    state = {"step": 0}

    def next_step():
        start = state["step"] * batch_size % (len(images) - batch_size + 1)
        state["step"] += 1
        return step(images[order[start : start + batch_size]], torch.randn(batch_size, model.latent))

    return next_step


def answer(request):
    name, variant, steps = request["network"], request["variant"], request["steps"]
    if "noise" in request:
        model, step = trainer(name, variant)
        own = model.state_dict()
        for key, values in request["parameters"].items():
            own[key].copy_(torch.tensor(values).view(own[key].shape))
        noise = torch.from_numpy(np.asarray(request["noise"], np.float32)).view(steps, batch_size, -1)
        batches = images[: steps * batch_size].view(steps, batch_size, 784)
        return {"losses": [step(batches[i], noise[i]) for i in range(steps)]}
    key = (name, variant)
    if key not in opened:
        opened[key] = stepper(name, variant)
    return {"times": timed(opened[key], steps)}


answer_all(answer)
