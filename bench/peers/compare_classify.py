"""Times `unroll train classify` and `unroll predict` against PyTorch with packed sequences, in turn, and prints the ratios of their speeds.

usage: compare_classify.py TEXTS... [--rounds 3] [--iterations 300] [--texts 10000] [--unroll 'COMMAND']

TEXTS are files with a label first in each line, then a blank or tab and a text; they may be packed with gzip. What is timed are their words
of the letters a to z, in small letters, so that both sides have the same words.

The model is that of torch_classify.py: embedding 128, LSTM 128 in both directions, maximum over time, linear layer; training in batches of 32
texts of similar lengths with AdamW and clipping, without dropout; prediction from words to a line of JSON for each text, in batches of 64.
Each round runs Unroll with 1 thread and with all, and PyTorch so for every number of threads of its own and of OpenBLAS: the best counts on
both sides. A combination of PyTorch's that a short try shows to be less than half as fast as another is left out.
A ratio is the median over the rounds of our speed / PyTorch's. Starting up is left out on both sides: of training the first 20 iterations, as
the run's log has them; of `unroll predict` the time it takes for 2,000 texts, while the runtime compiles what runs often; of PyTorch's prediction 500 texts beforehand.
Build first: dotnet build -c Release.
"""
import collections
import gzip
import itertools
import json
import pathlib
import re
import statistics
import tempfile
import time

import peer

SKIPPED, FIRST = 20, 2000
MODEL = ("--tokens word --min-count 1 --vocabulary 1000000 --encoder rnn --cell lstm --embedding 128 --hidden 128 --layers 1 --pooling max --ngrams 0 --dropout 0 "
         "--word-dropout 0 --embedding-dropout 0 --recurrent-dropout 0 --members 1 --label-smoothing 0 --class-weights 0 --batch 32 "
         "--optimizer adamw --lr 0.002 --weight-decay 0.01 --clip 1 --average 0 --valid 0")
parser = peer.parser(__doc__)
parser.add_argument("files", nargs="+", metavar="TEXTS")
parser.add_argument("--iterations", type=int, default=300)
parser.add_argument("--texts", type=int, default=10000, help="to predict in each round")
options = parser.parse_args()


def prepare(source, target):
    """Writes label and words of every text, and gives them back; a line whose label is no other's, such as a header, is left out."""
    with (gzip.open if source.endswith(".gz") else open)(source, "rt", encoding="utf-8", errors="replace", newline="\n") as file:
        lines = [re.match(r"(\S+)\s+(.*)", line) for line in file]
    texts = [(line[1], " ".join(word[:64] for word in re.findall("[a-z]+", line[2].lower()))) for line in lines if line]
    counts = collections.Counter(label for label, _ in texts)
    texts = [(label, text) for label, text in texts if counts[label] > 1 and text]
    target.write_text("".join(f"{label} {text}\n" for label, text in texts))
    return [text for _, text in texts]


def train(file, run, threads):
    """Tokens per second of `unroll train classify`."""
    peer.run([*options.unroll, "train", "classify", "--data", str(file), "--format", "labels", *MODEL.split(), "--json", "--out", str(run),
              "--threads", str(threads), "--iterations", str(SKIPPED + options.iterations)])
    return peer.rate_after([line for line in map(json.loads, (run / "log.jsonl").read_text().splitlines()) if "tokens_per_s" in line], SKIPPED)


def predict(texts, run, folder, threads):
    """Texts per second of `unroll predict`: how much longer it takes for many than for the first ones."""
    seconds = []
    for count in (FIRST, FIRST + options.texts):
        file = folder / "texts.txt"
        file.write_text("".join(text + "\n" for text in itertools.islice(itertools.cycle(texts), count)))
        start = time.perf_counter()
        peer.run([*options.unroll, "predict", str(run), str(file), "--format", "lines", "--threads", str(threads), "--json"])
        seconds.append(time.perf_counter() - start)
    return options.texts / (seconds[1] - seconds[0])


def torch(file, choice, *goal):
    threads, blas_threads = choice
    out = peer.run([options.python, str(peer.root / "bench/peers/torch_classify.py"), str(file), *map(str, goal), "--threads", str(threads)],
                   OPENBLAS_NUM_THREADS=str(blas_threads))
    result = json.loads(out)
    return result.get("tokens_per_s") or result["texts_per_s"]


def tell(name, what, number, unit, ours, theirs):
    ratio = max(ours.values()) / max(theirs.values())
    print(f"{name}, {what} {number + 1}, {unit}: Unroll " + ", ".join(f"{speed:,.0f} ({threads})" for threads, speed in ours.items())
          + "; PyTorch " + ", ".join(f"{speed:,.0f} ({threads}, BLAS {blas})" for (threads, blas), speed in theirs.items()) + f": {ratio:.2f} times", flush=True)
    return ratio


print(peer.libraries(options.python))
for source in options.files:
    name = pathlib.Path(source).name
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        file = folder / "labelled.txt"
        texts = prepare(source, file)
        print(f"{name}: {len(texts):,} texts of {sum(text.count(' ') + 1 for text in texts) / len(texts):.0f} words on average")
        goals = {"training": ("--iterations", options.iterations), "prediction": ("--texts", options.texts)}
        tries = {"training": ("--iterations", 10, "--warmup", 2), "prediction": ("--texts", 300)}
        choices = {what: peer.fit({choice: torch(file, choice, *goal) for choice in peer.choices}) for what, goal in tries.items()}
        ratios = {what: [] for what in goals}
        for number in range(options.rounds):
            runs = {threads: folder / f"run-{number}-{threads}" for threads in sorted({1, options.threads})}
            measures = {"training": ("tokens/s", lambda threads: train(file, runs[threads], threads)),
                        "prediction": ("texts/s", lambda threads: predict(texts, runs[threads], folder, threads))}
            for what, (unit, measure) in measures.items():
                ours = {threads: measure(threads) for threads in runs}
                ratios[what].append(tell(name, what, number, unit, ours, {choice: torch(file, choice, *goals[what]) for choice in choices[what]}))
        for what, some in ratios.items():
            print(f"{name}: {what}, median {statistics.median(some):.2f} times PyTorch", flush=True)
