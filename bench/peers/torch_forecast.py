"""Trains a DeepAR-like model with PyTorch: an LSTM over context and horizon, a Gaussian of each step, Adam and clipping. One JSON line.

usage: torch_forecast.py --units N --inputs N --context N --horizon N --batch N --iterations N [--warmup N] [--threads N]

Inputs of all steps are made beforehand; an iteration gathers its windows, and has forward, loss, gradients, clipping and the optimizer's step.
"""
import argparse
import json
import time

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name, default in {"units": 64, "inputs": 17, "context": 168, "horizon": 24, "batch": 32, "iterations": 100, "warmup": 10, "threads": 1}.items():
    parser.add_argument("--" + name, type=int, default=default)
options = parser.parse_args()
torch.manual_seed(1)
torch.set_num_threads(options.threads)
steps, length = options.context + options.horizon, 5000
inputs, truth = torch.randn(length, options.inputs), torch.randn(length)
layer, output = torch.nn.LSTM(options.inputs, options.units), torch.nn.Linear(options.units, 2)
parameters = [*layer.parameters(), *output.parameters()]
optimizer = torch.optim.Adam(parameters, 0.002)
offsets = torch.arange(steps)[:, None]


def iterate():
    places = offsets + torch.randint(length - steps, (options.batch,))[None]
    optimizer.zero_grad(set_to_none=True)
    hidden, _ = layer(inputs[places])
    mean, scale = output(hidden).unbind(-1)
    scale = torch.nn.functional.softplus(scale) + 1e-6
    loss = (torch.log(scale) + 0.5 * ((truth[places] - mean) / scale) ** 2).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1)
    optimizer.step()


for _ in range(options.warmup):
    iterate()
start = time.perf_counter()
for _ in range(options.iterations):
    iterate()
seconds = time.perf_counter() - start
print(json.dumps({"system": "pytorch", "windows_per_s": options.iterations * options.batch / seconds}))
