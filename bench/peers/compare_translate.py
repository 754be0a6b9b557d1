"""Times `Unroll.Bench translate` against the equal model in PyTorch, in turn, and prints the ratios of their speeds.

usage: compare_translate.py SOURCE TARGET [--attention general feeding additive] [--rounds 3] [--iterations 30] [--sentences 256] [--hidden 512] [--unroll 'COMMAND']

SOURCE and TARGET are aligned files of sentences; they may be packed with gzip. What is timed are their words and signs in small letters, those that
come once being "unk", so that both sides have the same words.

The model is that of torch_translate.py: embedding 256, an encoder of an LSTM in both directions, hidden/2 units each, a decoder of an LSTM of hidden units; training in batches of at most
1,500 tokens of either side with Adam and clipping, without dropout; then decoding with a beam of 5, 12 words a sentence, 64 sentences at a time.
Each round runs Unroll with 1 thread and with all, and PyTorch so for every number of threads of its own and of OpenBLAS: the best counts on
both sides. A combination of PyTorch's that a short try shows to be less than half as fast as another is left out.
A ratio is the median over the rounds of our speed / PyTorch's. Starting up and the first iterations are left out on both sides.
Build first: dotnet build -c Release.
"""
import collections
import gzip
import json
import pathlib
import re
import statistics
import tempfile

import peer

SPEEDS = {"training": "tokens_per_s", "decoding": "sentences_per_s"}
parser = peer.parser(__doc__)
parser.set_defaults(unroll=[str(peer.root / "bench/Unroll.Bench/bin/Release/net10.0/Unroll.Bench")])
parser.add_argument("source")
parser.add_argument("target")
parser.add_argument("--attention", nargs="+", default=["general", "feeding", "additive"])
parser.add_argument("--iterations", type=int, default=30)
parser.add_argument("--sentences", type=int, default=256)
parser.add_argument("--hidden", type=int, default=512)
options = parser.parse_args()


def prepare(source, target):
    """Writes the words of every sentence, and says how many there are."""
    with (gzip.open if source.endswith(".gz") else open)(source, "rt", encoding="utf-8", newline="\n") as file:
        texts = [re.findall(r"\w+|[^\w\s]", line.lower()) for line in file]
    counts = collections.Counter(word for text in texts for word in text)
    target.write_text("".join(" ".join(word if counts[word] > 1 else "unk" for word in text) + "\n" for text in texts), encoding="utf-8")
    return f"{len(texts):,} sentences, {sum(map(len, texts)) / len(texts):.1f} words each, {sum(n > 1 for n in counts.values()):,} different"


def unroll(files, attention, threads):
    return json.loads(peer.run([*options.unroll, "translate", *files, attention, str(options.iterations), str(options.sentences), str(options.hidden)], UNROLL_THREADS=str(threads)))


def torch(files, attention, choice, iterations, sentences, *more):
    threads, blas_threads = choice
    return json.loads(peer.run([options.python, str(peer.root / "bench/peers/torch_translate.py"), *files, attention, str(iterations), str(sentences),
                                "--threads", str(threads), "--hidden", str(options.hidden), *more], OPENBLAS_NUM_THREADS=str(blas_threads)))


print(peer.libraries(options.python))
with tempfile.TemporaryDirectory() as temporary:
    files = [str(pathlib.Path(temporary) / side) for side in ("source", "target")]
    for path, file in zip((options.source, options.target), files):
        print(f"{pathlib.Path(path).name}: {prepare(path, pathlib.Path(file))}")
    for attention in options.attention:
        tried = {choice: torch(files, attention, choice, 3, 64, "--warmup", "1", "--first", "64") for choice in peer.choices}
        choices = sorted({choice for speed in SPEEDS.values() for choice in peer.fit({c: t[speed] for c, t in tried.items()})})
        ratios = {what: [] for what in SPEEDS}
        for number in range(options.rounds):
            ours = {threads: unroll(files, attention, threads) for threads in sorted({1, options.threads})}
            theirs = {choice: torch(files, attention, choice, options.iterations, options.sentences) for choice in choices}
            for what, speed in SPEEDS.items():
                ratios[what].append(max(r[speed] for r in ours.values()) / max(r[speed] for r in theirs.values()))
                print(f"{attention}, {what} {number + 1}, {speed.replace('_per_s', '/s')}: Unroll "
                      + ", ".join(f"{r[speed]:,.0f} ({threads})" for threads, r in ours.items()) + "; PyTorch "
                      + ", ".join(f"{r[speed]:,.0f} ({threads}, BLAS {blas})" for (threads, blas), r in theirs.items())
                      + f": {ratios[what][-1]:.2f} times", flush=True)
        for what, some in ratios.items():
            print(f"{attention}: {what}, median {statistics.median(some):.2f} times PyTorch", flush=True)
