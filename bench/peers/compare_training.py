"""Times whole training iterations of `unroll train lm` and of PyTorch, in turn, and prints the ratio of their speeds.

usage: compare_training.py [--shakespeare input.txt] [--ptb ptb.train.txt] [--rounds 3] [--iterations 200] [--unroll 'COMMAND'] [--threads N]

    shakespeare   characters: LSTM 2x256, batch 32, 64 steps, Adam, clip 1                         (65 symbols)
    ptb           words: Zaremba's small model, LSTM 2x200, batch 20, 20 steps, SGD, clip 0.25     (10,000 symbols)

An iteration is embedding, layers, softmax, loss, gradients, clipping and the optimizer's step, on the same text with the same sizes.
Each round runs Unroll once and PyTorch (torch_lm.py) once for every number of threads of its own and of OpenBLAS, 1 or all: the best counts.
A combination that ten iterations show to be less than half as fast as another is left out.
The ratio is the median over the rounds of our tokens per second / PyTorch's. Starting up is left out on both sides: PyTorch's first 20
iterations, and our first 20 as the run's log has them. Build first: dotnet build -c Release. Texts may be packed with gzip.
"""
import argparse
import itertools
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

SKIPPED = 20
root = pathlib.Path(__file__).resolve().parents[2]
settings = {
    "shakespeare": "--embedding 64 --hidden 256 --layers 2 --batch 32 --steps 64 --optimizer adam --lr 0.002 --clip 1",
    "ptb": "--tokens word --embedding 200 --hidden 200 --layers 2 --batch 20 --steps 20 --optimizer sgd --lr 20 --clip 0.25 --init 0.1",
}
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name in settings:
    parser.add_argument("--" + name, metavar="TEXT")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--iterations", type=int, default=200)
parser.add_argument("--unroll", default=str(root / "src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli"))
parser.add_argument("--threads", type=int, default=os.cpu_count(), help="for Unroll; PyTorch tries 1 and all processors")
parser.add_argument("--python", default=sys.executable, help="one that has PyTorch")
options = parser.parse_args()


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


def unroll(text, setting):
    """Tokens per second over the iterations after the first ones."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "run", "log.jsonl")
        run([*shlex.split(options.unroll), "train", "lm", "--data", text, "--valid", "0", *setting.split(), "--json", "--out", str(log.parent),
             "--threads", str(options.threads), "--iterations", str(SKIPPED + options.iterations)])
        reports = [json.loads(line) for line in log.read_text().splitlines()]
    rates = [(now["iteration"] - before["iteration"], now["tokens_per_s"])
             for before, now in zip(reports, reports[1:]) if before["iteration"] >= SKIPPED]
    return sum(n for n, _ in rates) / sum(n / rate for n, rate in rates)


def torch(text, setting, choice, warmup, iterations):
    threads, blas_threads = choice
    out = run([options.python, str(root / "bench/peers/torch_lm.py"), text, *setting.split(), "--threads", str(threads),
               "--warmup", str(warmup), "--iterations", str(iterations)], OPENBLAS_NUM_THREADS=str(blas_threads))
    return json.loads(out)["tokens_per_s"]


def libraries():
    """Which file PyTorch's matrix products come from: the BLAS libraries that a process with PyTorch has loaded."""
    program = ("import torch; torch.ones(64, 64) @ torch.ones(64, 64); print(torch.__version__); "
               "print(*sorted({l.split()[-1] for l in open('/proc/self/maps') if 'blas' in l or 'mkl' in l}))")
    version, *files = run([options.python, "-c", program]).split()
    return f"PyTorch {version}, products from {', '.join(files) or 'its own library'}"


print(libraries())
choices = list(itertools.product(sorted({1, os.cpu_count()}), repeat=2))
for name, setting in settings.items():
    text = getattr(options, name)
    if text is None:
        continue
    rounds, tried = [], {choice: torch(text, setting, choice, 2, 10) for choice in choices}
    fit = [choice for choice in choices if tried[choice] > 0.5 * max(tried.values())]
    for number in range(options.rounds):
        ours = unroll(text, setting)
        theirs = {choice: torch(text, setting, choice, SKIPPED, options.iterations) for choice in fit}
        best = max(theirs, key=theirs.get)
        rounds.append(ours / theirs[best])
        print(f"{name} {number + 1}: Unroll {ours:,.0f} tokens/s ({options.threads} threads); PyTorch " + ", ".join(
            f"{speed:,.0f} ({threads}, BLAS {blas})" for (threads, blas), speed in theirs.items()) + f": {rounds[-1]:.2f} times", flush=True)
    print(f"{name}: median {statistics.median(rounds):.2f} times PyTorch", flush=True)
