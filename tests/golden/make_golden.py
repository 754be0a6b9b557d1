"""Writes the golden numbers that the tests read: PyTorch's outputs, states, losses, gradients and training steps.

usage: python3 make_golden.py        (writes recurrent.json, losses.json, optimizers.json, char_lm.json next to itself)

Everything is computed in float64 and written with 9 significant digits, so that a float and a double build can both be held
against the same file. Inputs and weights come from `irregular`, not from a random generator: no two gates, rows or layers look
alike, and every value is a multiple of 1/256, hence exact in float32, in float64 and in the digits of the file.
"""
import json
import math
import os

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))


def irregular(shape, phase, scale=1.0):
    """Element k is scale · (2 sin(p + 1.7 k) + cos(2.3 p + 0.9 k + 0.13 k²)) / 3, rounded to a multiple of 1/256; p is the phase."""
    count = math.prod(shape)
    values = [scale * (2 * math.sin(phase + 1.7 * k) + math.cos(2.3 * phase + 0.9 * k + 0.13 * k * k)) / 3 for k in range(count)]
    return torch.tensor([round(256 * v) / 256 for v in values]).reshape(shape)


def fill(module, scale):
    """Overwrites every parameter of a module; the j-th in PyTorch's order has phase 0.37 (j + 1)."""
    with torch.no_grad():
        for j, p in enumerate(module.parameters()):
            p.copy_(irregular(tuple(p.shape), 0.37 * (j + 1), scale))


def number(value):
    return float(f"{value:.9g}") + 0.0                                           # + 0.0 turns -0 into 0


def tensor(t):
    flat = t.detach().reshape(-1).tolist()
    return {"shape": list(t.shape), "data": flat if not t.is_floating_point() else [number(v) for v in flat]}


def tensors(named):
    return {name: tensor(t) for name, t in named.items()}


def write(topic, content):
    with open(os.path.join(HERE, topic + ".json"), "w", encoding="utf-8") as f:
        json.dump(content, f, separators=(",", ":"), allow_nan=False)
        f.write("\n")


def leaf(t):
    return t.clone().requires_grad_()


# Recurrent layers

T, B, I, H = 5, 3, 4, 3
LENGTHS = {"full": [5, 5, 5], "ragged": [5, 3, 2], "unsorted": [2, 5, 1]}


def recurrent_case(kind, layers, bidirectional, lengths):
    has_cell = kind == "lstm"
    build = {"rnn-tanh": nn.RNN, "rnn-relu": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind]
    module = build(I, H, layers, bidirectional=bidirectional, **({"nonlinearity": kind[4:]} if build is nn.RNN else {}))
    fill(module, 0.9)
    D = 2 if bidirectional else 1
    x, h0, c0 = leaf(irregular((T, B, I), 5.1, 1.5)), leaf(irregular((layers * D, B, H), 6.3)), leaf(irregular((layers * D, B, H), 7.7))
    r, s, u = irregular((T, B, D * H), 8.2), irregular(tuple(h0.shape), 9.4), irregular(tuple(c0.shape), 10.6)

    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    y, state = module(packed, (h0, c0) if has_cell else h0)
    y, _ = pad_packed_sequence(y, total_length=T)
    hn, cn = state if has_cell else (state, None)
    loss = (y * r).sum() + (hn * s).sum() + ((cn * u).sum() if has_cell else 0)
    loss.backward()

    values = {"x": x, "h0": h0, "r": r, "s": s, "y": y, "hn": hn}
    leaves = {"x": x, "h0": h0}
    if has_cell:
        values |= {"c0": c0, "u": u, "cn": cn}
        leaves |= {"c0": c0}
    parameters = dict(module.named_parameters())
    return {"cell": kind, "layers": layers, "bidirectional": bidirectional, "lengths": lengths, **tensors(values),
            "loss": number(loss.item()), "parameters": tensors(parameters),
            "gradients": tensors({n: p.grad for n, p in {**parameters, **leaves}.items()})}


def recurrent():
    write("recurrent", {
        f"{kind}-{layers}-{'bi' if bidirectional else 'uni'}-{name}": recurrent_case(kind, layers, bidirectional, lengths)
        for kind in ["rnn-tanh", "rnn-relu", "lstm", "gru"] for layers in [1, 2] for bidirectional in [False, True]
        for name, lengths in LENGTHS.items()})


# Losses, layer normalisation, embedding

def loss_case(loss, prediction, target, options=None, **inputs):
    p = leaf(prediction)
    value = loss(p, target)
    value.backward()
    return {**(options or {}), **tensors({"input": p, "target": target, **inputs}), "loss": number(value.item()),
            "gradients": tensors({"input": p.grad})}


def losses():
    out = {}
    logits, classes, weight = irregular((6, 5), 1.1, 3), torch.tensor([2, 0, 4, 1, 4, 3]), torch.tensor([0.5, 2.0, 1.25, 0.75, 1.5])

    def cross_entropy(name, ignored=None, smoothing=0.0, weighted=False):
        target, index = classes.clone(), -100 if ignored is None else ignored
        if ignored is not None:
            target[1] = target[4] = ignored
        options = {"label_smoothing": smoothing, "ignore_index": index}
        w = {"weight": weight} if weighted else {}
        out[name] = loss_case(lambda p, t: F.cross_entropy(p, t, **w, **options), logits, target, options, **w)

    cross_entropy("cross_entropy")
    cross_entropy("cross_entropy-smoothing", smoothing=0.1)
    cross_entropy("cross_entropy-weight", weighted=True)
    cross_entropy("cross_entropy-ignore", ignored=-100)
    cross_entropy("cross_entropy-ignore_minus_1", ignored=-1)
    cross_entropy("cross_entropy-weight-ignore", ignored=-1, weighted=True)
    cross_entropy("cross_entropy-smoothing-ignore", ignored=-1, smoothing=0.1)
    cross_entropy("cross_entropy-smoothing-weight-ignore", ignored=-1, smoothing=0.1, weighted=True)

    x, target = irregular((4, 3), 2.2, 4), irregular((4, 3), 3.3, 2)
    chances = torch.tensor([0.0, 1.0, 0.25, 1.0, 0.0, 0.0, 0.75, 1.0, 0.5, 0.0, 1.0, 1.0]).reshape(4, 3)
    out["bce_with_logits"] = loss_case(F.binary_cross_entropy_with_logits, x, chances)
    out["mse"] = loss_case(F.mse_loss, x, target)
    out["l1"] = loss_case(F.l1_loss, x, target)
    out["huber-1"] = loss_case(lambda p, t: F.huber_loss(p, t, delta=1.0), x, target, {"delta": 1.0})
    out["huber-0.5"] = loss_case(lambda p, t: F.huber_loss(p, t, delta=0.5), x, target, {"delta": 0.5})

    x, w, b, r = leaf(irregular((4, 5), 4.4, 2)), leaf(irregular((5,), 5.5)), leaf(irregular((5,), 6.6)), irregular((4, 5), 7.7)
    y = F.layer_norm(x, (5,), w, b, 1e-5)
    (y * r).sum().backward()
    out["layer_norm"] = {"eps": 1e-5, **tensors({"x": x, "weight": w, "bias": b, "r": r, "y": y}),
                         "gradients": tensors({"x": x.grad, "weight": w.grad, "bias": b.grad})}

    ids, w, r = torch.tensor([[1, 4, 0, 4], [5, 1, 4, 3], [0, 3, 3, 4]]), leaf(irregular((6, 3), 8.8)), irregular((3, 4, 3), 9.9)
    y = F.embedding(ids, w)
    (y * r).sum().backward()
    out["embedding"] = {**tensors({"ids": ids, "weight": w, "r": r, "y": y}), "gradients": tensors({"weight": w.grad})}
    write("losses", out)


# Optimizers, schedules, clipping

def optimizers():
    start = {"a": irregular((2, 3), 1.3), "b": irregular((4,), 2.6)}
    gradients = [{n: irregular(tuple(p.shape), 0.9 * k + (3 if n == "a" else 5), 2) for n, p in start.items()} for k in range(10)]
    gradients[0]["a"][0, 0] = gradients[4]["b"][1] = 0                            # a gradient of exactly 0, at the start and later

    def run(build, **options):
        p = {n: leaf(v) for n, v in start.items()}
        optimizer, steps = build(p.values(), **options), []
        for g in gradients:
            for n in p:
                p[n].grad = g[n].clone()
            optimizer.step()
            steps.append(tensors(p))
        return {"optimizer": build.__name__, "options": options, "steps": steps}

    optim = torch.optim
    cases = {
        "sgd": run(optim.SGD, lr=0.1),
        "sgd-momentum": run(optim.SGD, lr=0.1, momentum=0.9),
        "sgd-nesterov": run(optim.SGD, lr=0.1, momentum=0.9, nesterov=True),
        "sgd-weight_decay": run(optim.SGD, lr=0.1, weight_decay=0.05),
        "sgd-momentum-weight_decay": run(optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.05),
        "adam": run(optim.Adam, lr=0.01, betas=(0.9, 0.999), eps=1e-8),
        "adam-l2": run(optim.Adam, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
        "adamw": run(optim.AdamW, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1),
        "rmsprop": run(optim.RMSprop, lr=0.01, alpha=0.99, eps=1e-8),
        "rmsprop-alpha-l2": run(optim.RMSprop, lr=0.01, alpha=0.95, eps=1e-6, weight_decay=0.1),
        "rmsprop-momentum": run(optim.RMSprop, lr=0.01, alpha=0.99, eps=1e-8, momentum=0.9),
        "adagrad": run(optim.Adagrad, lr=0.1, eps=1e-10),
        "adagrad-l2": run(optim.Adagrad, lr=0.1, eps=1e-10, weight_decay=0.1),
    }
    write("optimizers", {"start": tensors(start), "gradients": [tensors(g) for g in gradients], "cases": cases,
                         "schedules": schedules(), "clipping": clipping()})


def schedules():
    """Learning rates from 0.1: rates[k] is the rate after k steps of the schedule."""
    def rates(build, count=20, metrics=None, **options):
        optimizer = torch.optim.SGD([leaf(torch.zeros(1))], lr=0.1)
        schedule, out = build(optimizer, **options), []
        for k in range(count + 1):
            out.append(number(optimizer.param_groups[0]["lr"]))
            if k < count:
                optimizer.step()
                schedule.step(*([metrics[k]] if metrics else []))
        return {"schedule": build.__name__, "options": options, **({"metrics": metrics} if metrics else {}), "rates": out}

    lr = torch.optim.lr_scheduler
    metrics = [1.0, 0.9, 0.95, 0.92, 0.91, 0.8, 0.79999, 0.8, 0.8, 0.81, 0.82, 0.83, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77]
    return {
        "step": rates(lr.StepLR, step_size=3, gamma=0.5),
        "exponential": rates(lr.ExponentialLR, gamma=0.9),
        "cosine": rates(lr.CosineAnnealingLR, count=10, T_max=10, eta_min=0.001),
        "warmup": rates(lr.LinearLR, start_factor=0.2, end_factor=1.0, total_iters=5),
        "plateau": rates(lr.ReduceLROnPlateau, metrics=metrics, factor=0.5, patience=2, threshold=1e-4),
        "plateau-cooldown-min": rates(lr.ReduceLROnPlateau, metrics=metrics, factor=0.5, patience=1, threshold=1e-4,
                                      cooldown=2, min_lr=0.02),
        "plateau-max": rates(lr.ReduceLROnPlateau, metrics=[round(1 - m, 5) for m in metrics], mode="max", factor=0.5, patience=2,
                             threshold=1e-4),
    }


def clipping():
    """PyTorch multiplies by min(1, max_norm / (norm + 1e-6)), the norm taken over all gradients together."""
    def run(clip, limit):
        p = {"a": leaf(torch.zeros(2, 3)), "b": leaf(torch.zeros(4))}
        for j, v in enumerate(p.values()):
            v.grad = irregular(tuple(v.shape), 1.9 + j, 2)
        before = tensors({n: v.grad for n, v in p.items()})
        norm = clip(p.values(), limit)
        return {"limit": limit, "before": before, "after": tensors({n: v.grad for n, v in p.items()}),
                **({"norm": number(norm.item())} if norm is not None else {})}

    return {"norm": run(nn.utils.clip_grad_norm_, 1.0), "norm-loose": run(nn.utils.clip_grad_norm_, 100.0),
            "value": run(nn.utils.clip_grad_value_, 0.5)}


# Ten training steps of a character language model

def train_char_lm(dtype):
    V, E, H, steps, batch, iterations, clip = 7, 5, 6, 8, 3, 10, 0.3          # the norms lie on both sides of the clip
    model = nn.ModuleDict({"embedding": nn.Embedding(V, E), "lstm": nn.LSTM(E, H, 2), "head": nn.Linear(H, V)})
    fill(model, 0.6)
    model = model.to(dtype)
    start = tensors(dict(model.named_parameters()))
    ids = torch.tensor([[int(3.5 + 3.5 * math.sin(0.8 * k + 1.9 * b + 0.05 * k * b)) for b in range(batch)]
                        for k in range(steps * iterations + 1)])                  # [81, 3]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    state, loss_values, norms = None, [], []
    for k in range(0, steps * iterations, steps):
        if state is not None:
            state = tuple(s.detach() for s in state)
        y, state = model["lstm"](model["embedding"](ids[k:k + steps]), state)
        loss = F.cross_entropy(model["head"](y).reshape(-1, V), ids[k + 1:k + steps + 1].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        norms.append(number(nn.utils.clip_grad_norm_(model.parameters(), clip).item()))
        optimizer.step()
        loss_values.append(number(loss.item()))
    return {"vocabulary": V, "embedding": E, "hidden": H, "layers": 2, "steps": steps, "batch": batch, "lr": 1e-2, "clip": clip,
            "ids": tensor(ids), "start": start, "losses": loss_values, "norms": norms,
            "hn": tensor(state[0]), "cn": tensor(state[1]), "final": tensors(dict(model.named_parameters()))}


def char_lm():
    write("char_lm", train_char_lm(torch.float64))


if __name__ == "__main__":
    recurrent()
    losses()
    optimizers()
    char_lm()
