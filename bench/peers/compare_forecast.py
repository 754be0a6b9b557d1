"""Times whole training iterations of `unroll train forecast --mode autoregressive` and of a DeepAR-like model in PyTorch, in turn, and prints the ratio of their speeds.

usage: compare_forecast.py [--rounds 3] [--iterations 200] [--units 64] [--unroll 'COMMAND'] [--threads N]

One series of hours, a context of 168 steps, a horizon of 24, batches of 32 windows, an LSTM of --units, a Gaussian of every step, clipping, Adam. Our iterations also fill the batches: scaling, lags,
the linear forecast and the calendar of every step. Each round runs Unroll once and PyTorch (torch_forecast.py) once for every number of threads of its own and of OpenBLAS, 1 or all: the best counts.
The ratio is the median over the rounds of our windows per second / PyTorch's; the first 20 iterations of ours and 10 of PyTorch's are left out. Build first: dotnet build -c Release.
"""
import datetime
import json
import math
import pathlib
import random
import statistics
import tempfile

import peer

SKIPPED, CONTEXT, HORIZON = 20, 168, 24
parser = peer.parser(__doc__)
parser.add_argument("--iterations", type=int, default=200)
parser.add_argument("--units", type=int, default=64)
options = parser.parse_args()


def unroll(table):
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "run", "log.jsonl")
        peer.run([*options.unroll, "train", "forecast", "--data", table, "--mode", "autoregressive", "--head", "gaussian", "--cell", "lstm", "--hidden", str(options.units), "--dropout", "0",
                  "--context", str(CONTEXT), "--horizon", str(HORIZON), "--optimizer", "adam", "--weight-decay", "0", "--average", "0", "--patience", "0", "--validate-every", "1000000", "--json", "--out", str(log.parent),
                  "--threads", str(options.threads), "--iterations", str(SKIPPED + options.iterations)])
        reports = [json.loads(line) for line in log.read_text().splitlines()]
    return peer.rate_after([r for r in reports if "tokens_per_s" in r], SKIPPED) / (CONTEXT + HORIZON)


def torch(choice, iterations):
    threads, blas_threads = choice
    out = peer.run([options.python, str(peer.root / "bench/peers/torch_forecast.py"), "--units", str(options.units), "--context", str(CONTEXT), "--horizon", str(HORIZON), "--threads", str(threads),
                    "--iterations", str(iterations)], OPENBLAS_NUM_THREADS=str(blas_threads))
    return json.loads(out)["windows_per_s"]


print(peer.libraries(options.python))
with tempfile.TemporaryDirectory() as folder:
    table = pathlib.Path(folder, "hours.csv")
    random.seed(1)
    start = datetime.datetime(2024, 1, 1)
    table.write_text("time,load\n" + "".join(f"{start + datetime.timedelta(hours=t)},{10 + 3 * math.sin(t * math.pi / 12) + random.gauss(0, 1):.4f}\n" for t in range(5000)))
    tried = {choice: torch(choice, 10) for choice in peer.choices}
    ratios = []
    for _ in range(options.rounds):
        ours, theirs = unroll(str(table)), max(torch(choice, options.iterations) for choice in peer.fit(tried))
        ratios.append(ours / theirs)
        print(f"windows/s: unroll {ours:,.0f}, pytorch {theirs:,.0f}, ratio {ratios[-1]:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")
