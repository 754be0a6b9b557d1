"""Trains a classifier in PyTorch as `unroll train classify` does, or predicts as `unroll predict` does: the yardstick for ragged batches.

usage: torch_classify.py TEXTS (--iterations N | --texts N) [--embedding 128] [--hidden 128] [--batch 32] [--warmup 20] [--threads 1] [--seed 1]

Each line of TEXTS is a label, a blank, and words between blanks. The model: embedding, LSTM in both directions, the maximum of its outputs over
time, linear layer. Batches are of similar lengths: texts are shuffled, cut into pools of 32 batches, sorted by length within each, and the
batches are shuffled. The layers get them as pack_padded_sequence makes them, longest first.

--iterations N  trains: batch, cross-entropy, gradients, clipping by norm, AdamW; the first `warmup` iterations are not counted.
                Prints {"system": "torch", "tokens_per_s": ..., "loss": of the last iterations, ...}.
--texts N       predicts N texts, TEXTS again and again, with the weights as they are at first: words to numbers, batches of 64 from the
                shortest to the longest, softmax, a JSON line with label and probabilities for each. The first 500 are not counted.
                Prints {"system": "torch", "texts_per_s": ..., ...}.
Needs PyTorch 1.13 or later (Debian: python3-torch). The BLAS library behind it matters, and so does its own number of threads
(OPENBLAS_NUM_THREADS): compare_classify.py tries them all.
"""
import argparse
import itertools
import json
import os
import random
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
goal = parser.add_mutually_exclusive_group(required=True)
goal.add_argument("--iterations", type=int)
goal.add_argument("--texts", type=int)
for name, default in dict(embedding=128, hidden=128, batch=32, warmup=20, threads=1, seed=1).items():
    parser.add_argument("--" + name, type=int, default=default)
options = parser.parse_args()

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
random.seed(options.seed)
with open(options.file, encoding="utf-8") as file:
    labels, texts = zip(*(line.rstrip("\n").split(" ", 1) for line in file))
index = {word: i + 1 for i, word in enumerate(sorted({word for text in texts for word in text.split()}))}      # 0 is unknown
classes = sorted(set(labels))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(index) + 1, options.embedding)
        self.lstm = nn.LSTM(options.embedding, options.hidden, bidirectional=True)
        self.output = nn.Linear(2 * options.hidden, len(classes))

    def forward(self, rows):
        """Scores [B, C] of rows of word numbers, the longest first."""
        lengths = torch.tensor([len(row) for row in rows])
        x = self.embedding(pad_sequence(rows))                                              # [T, B, E]
        h, _ = self.lstm(pack_padded_sequence(x, lengths))
        h, _ = pad_packed_sequence(h, padding_value=float("-inf"))                          # [T, B, 2H]
        return self.output(h.max(0).values)


def encode(text):
    return torch.tensor([index.get(word, 0) for word in text.split()])


def batches(rows):
    """The numbers of the rows of one batch after the other, without end."""
    pool = 32 * options.batch
    while True:
        order = random.sample(range(len(rows)), len(rows))
        order = [i for at in range(0, len(order), pool) for i in sorted(order[at : at + pool], key=lambda i: len(rows[i]))]
        cut = [order[at : at + options.batch][::-1] for at in range(0, len(order), options.batch)]
        random.shuffle(cut)
        yield from cut


def train():
    rows = [encode(text) for text in texts]
    targets = torch.tensor([classes.index(label) for label in labels])
    optimizer = torch.optim.AdamW(model.parameters(), 0.002, weight_decay=0.01)
    tokens, losses, start = 0, [], 0.0
    for iteration, chosen in enumerate(itertools.islice(batches(rows), options.warmup + options.iterations)):
        if iteration == options.warmup:
            tokens, start = 0, time.perf_counter()
        loss = nn.functional.cross_entropy(model([rows[i] for i in chosen]), targets[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tokens += sum(len(rows[i]) for i in chosen)
        losses.append(loss.item())
    return {"tokens_per_s": tokens / (time.perf_counter() - start), "loss": sum(losses[-10:]) / len(losses[-10:])}


def predict(some, out):
    rows = [encode(text) for text in some]
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    answers = [None] * len(rows)
    for at in range(0, len(order), 64):
        chosen = order[at : at + 64]
        for i, row in zip(chosen, torch.softmax(model([rows[i] for i in chosen]), 1).tolist()):
            answers[i] = row
    for text, p in zip(some, answers):
        best = max(range(len(p)), key=p.__getitem__)
        print(json.dumps({"text": text, "label": classes[best], "probability": p[best], "probabilities": dict(zip(classes, p))}), file=out)


def time_predictions():
    some = list(itertools.islice(itertools.cycle(texts), options.texts))
    model.eval()
    with torch.no_grad(), open(os.devnull, "w") as out:
        predict(some[:500], out)
        start = time.perf_counter()
        predict(some, out)
        return {"texts_per_s": len(some) / (time.perf_counter() - start)}


model = Classifier()
result = train() if options.iterations else time_predictions()
print(json.dumps({"system": "torch", **result, "vocabulary": len(index), **vars(options), "version": torch.__version__}))
