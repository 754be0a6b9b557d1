"""Trains a translator in PyTorch as `Unroll.Bench translate` does, then translates with a beam: the yardstick for sequence to sequence.

usage: torch_translate.py SOURCE TARGET ATTENTION ITERATIONS SENTENCES [--threads 1] [--embedding 256] [--hidden 512] [--tokens 1500] [--beam 5] [--length 12] [--warmup 20]

SOURCE and TARGET have a sentence a line, words between blanks. ATTENTION is none, dot, general (Luong 2015), feeding (general, and the readout joins
the next step's input) or additive (Bahdanau 2014).
The model: embedding, LSTM of hidden/2 units in both directions over packed sequences; tanh layers from its last states to the first of the decoder;
LSTM; h = tanh(W [context; top]); linear layer. It is written as OpenNMT-py writes it: where nothing that attention gives enters the step, nn.LSTM runs over all
steps at once, and so does the attention; with feeding and additive an nn.LSTMCell runs step by step. The output layer sees all steps of a batch at once,
padding among them (some 5 % of Multi30k's in batches of similar lengths), which the loss ignores.
Training: batches of similar lengths with at most `tokens` tokens of either side, cross-entropy, gradients, clipping by norm, Adam.
Decoding: batches of 64 sentences of similar lengths, all hypotheses of all sentences in one step, those of finished sentences left out. Every
translation gets `length` words, since a model that has just begun would end at once or never.
Prints {"system": "torch", "tokens_per_s": of both sides, the ends among them, "sentences_per_s": ..., ...}; the first iterations, and 128 sentences, are not
counted. Beside each speed stands the same by processor time (…_per_cpu_s), which a busy machine disturbs less; with one thread only.
Needs PyTorch 1.13 or later. The BLAS library behind it matters, and so does its own number of threads: compare_translate.py tries them all.
"""
import argparse
import itertools
import json
import random
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("source")
parser.add_argument("target")
parser.add_argument("attention", choices=["none", "dot", "general", "feeding", "additive"])
parser.add_argument("iterations", type=int)
parser.add_argument("sentences", type=int)
for name, default in dict(threads=1, embedding=256, hidden=512, tokens=1500, beam=5, batch=64, length=12, warmup=20, first=128, seed=1).items():
    parser.add_argument("--" + name, type=int, default=default)
options = parser.parse_args()

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
random.seed(options.seed)
BEGIN, END = 0, 1                          # also what fills up, where nothing looks


def read(path):
    with open(path, encoding="utf-8") as file:
        texts = [line.split() for line in file]
    index = {word: i + 2 for i, word in enumerate(sorted({word for text in texts for word in text}))}
    return [[index[word] for word in text] for text in texts], len(index) + 2


class Translator(nn.Module):
    def __init__(self, source_words, target_words):
        super().__init__()
        e, h = options.embedding, options.hidden
        self.source = nn.Embedding(source_words, e)
        self.target = nn.Embedding(target_words, e)
        self.encoder = nn.LSTM(e, h // 2, bidirectional=True)
        self.bridge = nn.ModuleList([nn.Linear(h, h), nn.Linear(h, h)])
        self.output = nn.Linear(h, target_words)
        for table in (self.source, self.target):
            nn.init.normal_(table.weight, 0, 0.1)
        self.steps = options.attention in ("feeding", "additive")
        if self.steps:
            self.cell = nn.LSTMCell(e + h, h)                                       # the word, and the readout before or the context
        else:
            self.decoder = nn.LSTM(e, h)
        if options.attention == "additive":
            self.query = nn.Linear(h, h, bias=False)
            self.score = nn.Linear(h, 1, bias=False)
        if options.attention in ("general", "feeding", "additive"):
            self.key = nn.Linear(h, h, bias=False)
        if options.attention != "none":
            self.combine = nn.Linear(2 * h, h, bias=False)

    def read(self, rows):
        """What the decoder starts with: state (h, c, and the readout where it is fed), memory [B, S, H], its keys, and where it has none [B, S]. The rows come longest first."""
        lengths = torch.tensor([len(row) + 1 for row in rows])
        x = self.source(pad_sequence([torch.tensor(row + [END]) for row in rows]))
        m, (h, c) = self.encoder(pack_padded_sequence(x, lengths))
        m, _ = pad_packed_sequence(m, batch_first=True)
        state = tuple(torch.tanh(layer(torch.cat((s[0], s[1]), 1))) for layer, s in zip(self.bridge, (h, c)))
        if options.attention == "feeding":
            state += (torch.zeros_like(state[0]),)
        keys = self.key(m) if hasattr(self, "key") else m
        return state, m, keys, torch.arange(m.shape[1]) >= lengths[:, None]

    def attend(self, top, m, keys, missing):
        """Readouts of queries [B, T, H]."""
        scores = torch.bmm(top, keys.transpose(1, 2)).masked_fill(missing[:, None], float("-inf"))     # [B, T, S]
        return torch.tanh(self.combine(torch.cat((torch.bmm(torch.softmax(scores, 2), m), top), 2)))

    def step(self, x, state, m, keys, missing):
        """One step: embedded words [B, E], state → readout, state."""
        if options.attention == "feeding":
            h, c = self.cell(torch.cat((x, state[2]), 1), state[:2])
            y = self.attend(h[:, None], m, keys, missing)[:, 0]
            return y, (h, c, y)
        if options.attention == "additive":
            scores = self.score(torch.tanh(self.query(state[0])[:, None] + keys))[..., 0].masked_fill(missing, float("-inf"))
            context = torch.bmm(torch.softmax(scores, 1)[:, None], m)[:, 0]
            h, c = self.cell(torch.cat((x, context), 1), state)
            return torch.tanh(self.combine(torch.cat((context, h), 1))), (h, c)
        top, (h, c) = self.decoder(x[None], tuple(s[None] for s in state))
        y = top[0] if options.attention == "none" else self.attend(top[0][:, None], m, keys, missing)[:, 0]
        return y, (h[0], c[0])

    def loss(self, sources, targets):
        state, *memory = self.read(sources)
        inputs = self.target(pad_sequence([torch.tensor([BEGIN] + row) for row in targets]))      # [T, B, E]
        right = pad_sequence([torch.tensor(row + [END]) for row in targets], padding_value=-1)     # [T, B]
        if self.steps:
            readouts = []
            for x in inputs:
                y, state = self.step(x, state, *memory)
                readouts.append(y)
            readouts = torch.stack(readouts)
        else:
            readouts, _ = self.decoder(inputs, tuple(s[None] for s in state))
            if options.attention != "none":
                readouts = self.attend(readouts.transpose(0, 1), *memory).transpose(0, 1)
        return nn.functional.cross_entropy(self.output(readouts).flatten(0, 1), right.flatten(), ignore_index=-1)

    def translate(self, rows):
        """The best text for each of the rows, the longest first: a beam for each, hypotheses ranked by log p / ((5 + n)/6) in the end."""
        k, n = options.beam, len(rows)
        state, *memory = self.read(rows)
        memory = [m.repeat_interleave(k, 0) for m in memory]
        state = tuple(s.repeat_interleave(k, 0) for s in state)
        limits = torch.full((n,), options.length)
        texts = torch.arange(n)                                                      # which text each live search is for
        total = torch.full((n, k), float("-inf"))
        total[:, 0] = 0
        ids = torch.full((n * k,), BEGIN)
        history = torch.zeros((n, k, 0), dtype=torch.long)
        finished = [[] for _ in rows]
        for t in itertools.count():
            y, state = self.step(self.target(ids), state, *memory)
            scores = torch.log_softmax(self.output(y), 1).view(len(texts), k, -1)
            scores[:, :, BEGIN] = float("-inf")
            scores[limits[texts] > t, :, END] = float("-inf")
            over = limits[texts] <= t
            if over.any():
                ends = scores[over][:, :, END].clone()
                scores[over] = float("-inf")
                scores[over, :, END] = ends
            best, at = (total[:, :, None] + scores).flatten(1).topk(2 * k)           # [N, 2K]
            parents, words = torch.div(at, scores.shape[2], rounding_mode="floor"), at % scores.shape[2]
            ends = words == END
            for i, j in ((ends & torch.isfinite(best)) & (torch.arange(2 * k) < k)).nonzero().tolist():
                finished[texts[i]].append((best[i, j].item() / ((6 + t) / 6), history[i, parents[i, j]].tolist()))
            total, keep = best.masked_fill(ends, float("-inf")).topk(k)
            parents, words = parents.gather(1, keep), words.gather(1, keep)
            bound = (total[:, 0] / ((6 + limits[texts]) / 6)).tolist()
            live = torch.tensor([i for i, text in enumerate(texts.tolist()) if bound[i] > float("-inf") and len(finished[text]) < k
                                 and not (finished[text] and bound[i] <= max(finished[text])[0])], dtype=torch.long)
            if len(live) == 0:
                return [max(some)[1] for some in finished]
            rows_of = (parents[live] + k * live[:, None]).flatten()
            state = tuple(s[rows_of] for s in state)
            if len(live) < len(texts):
                memory = [m.view(len(texts), k, *m.shape[1:])[live].flatten(0, 1) for m in memory]
            history = torch.cat((history[live].gather(1, parents[live][:, :, None].expand(-1, -1, t)), words[live][:, :, None]), 2)
            texts, total, ids = texts[live], total[live], words[live].flatten()


class Stopwatch:
    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def speeds(self, what, count):
        return {what + "_per_s": count / (time.perf_counter() - self.wall), what + "_per_cpu_s": count / (time.process_time() - self.cpu)}


def batches(sources, targets):
    """The numbers of the pairs of one batch after the other, without end: pairs sorted by their lengths, cut where a batch is full."""
    cut = []
    while True:
        order = random.sample(range(len(sources)), len(sources))
        order.sort(key=lambda i: (len(sources[i]), len(targets[i])))
        cut, batch, longest = [], [], 0
        for i in order:
            longest = max(longest, len(sources[i]) + 1, len(targets[i]) + 1)
            if batch and (len(batch) + 1) * longest > options.tokens:
                cut.append(batch[::-1])                                              # the longest first
                batch, longest = [], max(len(sources[i]) + 1, len(targets[i]) + 1)
            batch.append(i)
        cut.append(batch[::-1])
        random.shuffle(cut)
        yield from cut


def train():
    optimizer = torch.optim.Adam(model.parameters(), 0.001)
    tokens, losses, start = 0, [], None
    for iteration, chosen in enumerate(itertools.islice(batches(sources, targets), options.warmup + options.iterations)):
        if iteration == options.warmup:
            tokens, start = 0, Stopwatch()
        loss = model.loss([sources[i] for i in chosen], [targets[i] for i in chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tokens += sum(len(sources[i]) + len(targets[i]) + 2 for i in chosen)
        losses.append(loss.item())
    return {**start.speeds("tokens", tokens), "loss": sum(losses[-10:]) / len(losses[-10:])}


def translate(rows):
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    texts = [None] * len(rows)
    for at in range(0, len(order), options.batch):
        chosen = order[at : at + options.batch]
        for i, text in zip(chosen, model.translate([rows[i] for i in chosen])):
            texts[i] = text
    return texts


def time_translations():
    rows = list(itertools.islice(itertools.cycle(sources), options.first + options.sentences))
    model.eval()
    with torch.no_grad():
        translate(rows[: options.first])
        start = Stopwatch()
        texts = translate(rows[options.first :])
        speeds = start.speeds("sentences", options.sentences)
    assert all(len(text) == options.length for text in texts)
    return speeds


(sources, source_words), (targets, target_words) = read(options.source), read(options.target)
model = Translator(source_words, target_words)
result = {**train(), **time_translations()}
print(json.dumps({"system": "torch", **result, "vocabulary": [source_words, target_words], **vars(options), "version": torch.__version__}))
