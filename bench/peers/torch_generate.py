"""Times PyTorch drawing text from a character LSTM, one token at a time: the yardstick for generation.

usage: torch_generate.py [--embedding 64] [--hidden 256] [--layers 2] [--vocabulary 65] [--tokens 2000] [--threads 1] [--seed 1]

Embedding, LSTM, linear head, softmax, one draw; batch 1; the state goes from step to step; nothing is recorded for gradients.
The weights are PyTorch's initial ones: what they are does not change the time. 200 tokens are drawn first and not counted.
Prints one JSON line: {"system": "torch", "name": "generate", "tokens_per_s": ...} and the settings.
Needs PyTorch 1.13 or later (Debian: python3-torch). The BLAS library behind it matters: say in results which one it was.
"""
import argparse
import json
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name, default in dict(embedding=64, hidden=256, layers=2, vocabulary=65, tokens=2000, threads=1, seed=1).items():
    parser.add_argument("--" + name, type=int, default=default)
options = parser.parse_args()

import torch
from torch import nn

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
embedding = nn.Embedding(options.vocabulary, options.embedding)
lstm = nn.LSTM(options.embedding, options.hidden, options.layers)
head = nn.Linear(options.hidden, options.vocabulary)


def draw(count, token, state):
    for _ in range(count):
        h, state = lstm(embedding(token), state)                                  # [1, 1, H]
        token = torch.multinomial(torch.softmax(head(h[0]), 1), 1)                # [1, 1]
    return token, state


with torch.no_grad():
    token, state = draw(200, torch.zeros(1, 1, dtype=torch.long), None)
    start = time.perf_counter()
    draw(options.tokens, token, state)
    seconds = time.perf_counter() - start
print(json.dumps({"system": "torch", "name": "generate", "tokens_per_s": options.tokens / seconds, **vars(options),
                  "version": torch.__version__}))
