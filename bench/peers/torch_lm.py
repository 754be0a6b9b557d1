"""Trains a language model in PyTorch as `unroll train lm` does: the yardstick for whole training iterations.

usage: torch_lm.py TEXT [--tokens char|word] [--embedding 64] [--hidden 256] [--layers 2] [--batch 32] [--steps 64]
                   [--optimizer adam|sgd] [--lr 0.002] [--clip 1.0] [--init 0] [--iterations 200] [--warmup 20] [--threads 1] [--seed 1]

The text is cut into `batch` equal columns that are read in order, `steps` tokens at a time; the state is carried over and no gradient
flows back past a chunk. Words are those between spaces, with <eos> at the end of each line. One iteration: embedding, LSTM, linear layer,
cross-entropy, gradients, clipping by norm, step. The first `warmup` iterations are not counted. Prints one JSON line:
{"system": "torch", "tokens_per_s": ..., "loss": of the last iterations, ...} and the settings.
Needs PyTorch 1.13 or later (Debian: python3-torch). The BLAS library behind it matters, and so does its own number of threads
(OPENBLAS_NUM_THREADS): compare_training.py tries them all.
"""
import argparse
import gzip
import json
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("text")
parser.add_argument("--tokens", choices=["char", "word"], default="char")
parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
for name, default in dict(embedding=64, hidden=256, layers=2, batch=32, steps=64, iterations=200, warmup=20, threads=1, seed=1).items():
    parser.add_argument("--" + name, type=int, default=default)
for name, default in dict(lr=0.002, clip=1.0, init=0.0).items():
    parser.add_argument("--" + name, type=float, default=default)
options = parser.parse_args()

import torch
from torch import nn

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
with (gzip.open if options.text.endswith(".gz") else open)(options.text, "rt", encoding="utf-8") as file:
    text = file.read()
tokens = list(text) if options.tokens == "char" else text.replace("\n", " <eos> ").split()
index = {token: i for i, token in enumerate(sorted(set(tokens)))}
ids = torch.tensor([index[token] for token in tokens])
length = (len(ids) - 1) // options.batch
inputs = ids[: length * options.batch].view(options.batch, length).t().contiguous()          # [length, B]
targets = ids[1 : length * options.batch + 1].view(options.batch, length).t().contiguous()

embedding = nn.Embedding(len(index), options.embedding)
lstm = nn.LSTM(options.embedding, options.hidden, options.layers)
head = nn.Linear(options.hidden, len(index))
parameters = [*embedding.parameters(), *lstm.parameters(), *head.parameters()]
if options.init > 0:
    for parameter in parameters:
        nn.init.uniform_(parameter, -options.init, options.init)
optimizer = (torch.optim.Adam if options.optimizer == "adam" else torch.optim.SGD)(parameters, options.lr)


def iterate(at, state):
    if state is not None:
        state = tuple(s.detach() for s in state)
    h, state = lstm(embedding(inputs[at : at + options.steps]), state)                       # [T, B, H]
    loss = nn.functional.cross_entropy(head(h.flatten(0, 1)), targets[at : at + options.steps].flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, options.clip)
    optimizer.step()
    return loss.item(), state


at, state, losses, start = 0, None, [], 0.0
for iteration in range(options.warmup + options.iterations):
    if iteration == options.warmup:
        start = time.perf_counter()
    if at + options.steps > length:
        at, state = 0, None
    loss, state = iterate(at, state)
    at += options.steps
    losses.append(loss)
seconds = time.perf_counter() - start
print(json.dumps({"system": "torch", "tokens_per_s": options.iterations * options.batch * options.steps / seconds,
                  "loss": sum(losses[-10:]) / len(losses[-10:]), "vocabulary": len(index), **vars(options), "version": torch.__version__}))
