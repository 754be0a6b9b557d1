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
import json
import pathlib
import statistics
import tempfile

import peer

SKIPPED = 20
settings = {
    "shakespeare": "--embedding 64 --hidden 256 --layers 2 --batch 32 --steps 64 --optimizer adam --lr 0.002 --clip 1",
    "ptb": "--tokens word --embedding 200 --hidden 200 --layers 2 --batch 20 --steps 20 --optimizer sgd --lr 20 --clip 0.25 --init 0.1",
}
parser = peer.parser(__doc__)
for name in settings:
    parser.add_argument("--" + name, metavar="TEXT")
parser.add_argument("--iterations", type=int, default=200)
options = parser.parse_args()


def unroll(text, setting):
    """Tokens per second over the iterations after the first ones."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "run", "log.jsonl")
        peer.run([*options.unroll, "train", "lm", "--data", text, "--valid", "0", *setting.split(), "--json", "--out", str(log.parent),
                  "--threads", str(options.threads), "--iterations", str(SKIPPED + options.iterations)])
        reports = [json.loads(line) for line in log.read_text().splitlines()]
    return peer.rate_after(reports, SKIPPED)


def torch(text, setting, choice, warmup, iterations):
    threads, blas_threads = choice
    out = peer.run([options.python, str(peer.root / "bench/peers/torch_lm.py"), text, *setting.split(), "--threads", str(threads),
                    "--warmup", str(warmup), "--iterations", str(iterations)], OPENBLAS_NUM_THREADS=str(blas_threads))
    return json.loads(out)["tokens_per_s"]


print(peer.libraries(options.python))
for name, setting in settings.items():
    text = getattr(options, name)
    if text is None:
        continue
    rounds, tried = [], {choice: torch(text, setting, choice, 2, 10) for choice in peer.choices}
    for number in range(options.rounds):
        ours = unroll(text, setting)
        theirs = {choice: torch(text, setting, choice, SKIPPED, options.iterations) for choice in peer.fit(tried)}
        best = max(theirs, key=theirs.get)
        rounds.append(ours / theirs[best])
        print(f"{name} {number + 1}: Unroll {ours:,.0f} tokens/s ({options.threads} threads); PyTorch " + ", ".join(
            f"{speed:,.0f} ({threads}, BLAS {blas})" for (threads, blas), speed in theirs.items()) + f": {rounds[-1]:.2f} times", flush=True)
    print(f"{name}: median {statistics.median(rounds):.2f} times PyTorch", flush=True)
