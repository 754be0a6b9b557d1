"""Makes tests/golden/runs: for every task a small set of data, a trained model, a checkpoint from the middle of the training, and the digest of the weights
that the training ends with. They are of the version that wrote them, and stay as they are: later versions must read the files and reach the same bits.

usage: make_runs.py COMMAND NAME...      where COMMAND runs the command (one argument), NAME... are the runs to make (all if none)
"""
import hashlib, json, os, random, shlex, shutil, signal, struct, subprocess, sys, time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runs")
PLACE = "/DATA"                                    # what stands in checkpoints for the folder of the data

SEEN = "the cat sat on the mat. a dog ran to the red house. birds sing in the old tree.".split(" ")


def text(rng, sentences):
    return "".join(" ".join(rng.choice(SEEN) for _ in range(rng.randint(4, 9))) + "\n" for _ in range(sentences))


def npy(path, shape, data):
    header = ("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % ", ".join(map(str, shape))).ljust(117) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(data))


def make_data(folder):
    rng = random.Random(7)
    write = lambda name, s: open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n").write(s)
    write("text.txt", text(rng, 60))
    good, bad, things = ["good", "fine", "lovely", "great"], ["bad", "awful", "dreadful", "poor"], ["film", "book", "song", "play", "meal"]
    rows = []
    for i in range(80):
        words = ["a", rng.choice(good if i % 2 == 0 else bad), rng.choice(things)] + [rng.choice(SEEN) for _ in range(rng.randint(0, 5))]
        rows.append(("pos" if i % 2 == 0 else "neg") + "\t" + " ".join(words))
    write("texts.tsv", "label\ttext\n" + "\n".join(rows) + "\n")
    lines = ["@problemName tiny", "@timeStamps false", "@univariate false", "@dimensions 2", "@equalLength false", "@classLabel true up down", "@data"]
    for i in range(40):
        n, up = rng.randint(6, 12), i % 2 == 0
        a = [round((t if up else n - t) / n + rng.uniform(-.2, .2), 3) for t in range(n)]
        b = [round(rng.uniform(-1, 1), 3) for _ in range(n)]
        lines.append(",".join(map(str, a)) + ":" + ",".join(map(str, b)) + (":up" if up else ":down"))
    write("series.ts", "\n".join(lines) + "\n")
    sentences = []
    for i in range(50):
        name = rng.choice(["Anna B-PER\nBell I-PER", "Oslo B-LOC", "Minho B-PER", "New B-LOC\nYork I-LOC"])
        sentences.append("%s O\n%s\n%s O\n" % (rng.choice(["see", "meet", "visit"]), name, rng.choice(["now", "today", "."])))
    write("sentences.conll", "\n".join(sentences) + "\n")
    pairs = []
    for i in range(200):
        s = "".join(rng.choice("abcd") for _ in range(rng.randint(2, 5)))
        pairs.append(s + "\t" + s[::-1])
    write("pairs.tsv", "\n".join(pairs) + "\n")
    n, r, c = 24, 4, 6
    npy(os.path.join(folder, "images.npy"), (n, r, c), [i // (r * c) % 3 * 100 + i % 7 for i in range(n * r * c)])
    write("things.tsv", "label\ttext\n" + "\n".join("%s\tone %s %s" % (thing, rng.choice(good + bad), " ".join([thing] + [rng.choice(SEEN) for _ in range(rng.randint(0, 5))])) for thing in things[:3] * 24) + "\n")
    write("captions.tsv", "index\tsplit\tname\n" + "".join("%d\t%s\t%s\n" % (i, "test" if i % 4 == 0 else "train", ["night", "noon", "red dawn"][i % 3]) for i in range(n)))


RUNS = {
    "lm": ["lm", "--data", "text.txt", "--embedding", "6", "--hidden", "12", "--layers", "2", "--batch", "3", "--steps", "9", "--dropout", "0.1", "--recurrent-dropout", "0.1",
           "--average", "0.9", "--weight-decay", "0.01", "--schedule", "step", "--warmup", "5", "--iterations", "900"],
    "lm-lines": ["lm", "--data", "text.txt", "--tokens", "word", "--lines", "--cell", "gru", "--embedding", "8", "--hidden", "8", "--layers", "1", "--tied", "--batch", "4", "--optimizer", "rmsprop", "--momentum", "0.5",
                 "--epochs", "60"],
    "classify": ["classify", "--data", "texts.tsv", "--test-every", "5", "--valid", "0.2", "--tokens", "word", "--min-count", "1", "--embedding", "8", "--hidden", "8", "--batch", "8", "--members", "2", "--pooling", "attention",
                 "--ngrams", "2", "--dropout", "0.2", "--word-dropout", "0.1", "--epochs", "60"],
    "classify-series": ["classify", "--data", "series.ts", "--test-fraction", "0.2", "--cell", "rnn", "--hidden", "8", "--members", "2", "--batch", "8", "--epochs", "60", "--class-weights", "0.5"],
    "multitask": ["multitask", "--task", "mood=texts.tsv", "--task", "thing=things.tsv", "--test-every", "5", "--valid", "0.2", "--tokens", "word", "--min-count", "1", "--embedding", "8", "--hidden", "8", "--batch", "8",
                  "--dropout", "0.2", "--word-dropout", "0.1", "--pooling", "attention", "--pretrain-lm", "--pretrain-epochs", "3", "--fine-tune", "--tune-epochs", "6", "--epochs", "30", "--patience", "0"],
    "tag": ["tag", "--data", "sentences.conll", "--test-every", "5", "--scheme", "bioes", "--embedding", "8", "--letters", "4", "--letters-hidden", "4", "--hidden", "8", "--batch", "8", "--min-count", "1", "--epochs", "60"],
    "translate": ["translate", "--data", "pairs.tsv", "--test-every", "10", "--embedding", "8", "--hidden", "12", "--attention", "additive", "--input-feeding", "--coverage", "--batch-tokens", "160", "--dropout", "0.1", "--epochs", "15",
                  "--teacher-schedule", "linear", "--teacher-rate", "0.01", "--teacher-least", "0.5"],
    "caption": ["caption", "--data", "captions.tsv", "--pictures", "images.npy", "--tokens", "word", "--embedding", "8", "--hidden", "12", "--encoder-size", "8", "--batch-tokens", "24", "--epochs", "150"],
}


def edit_header(path, change):
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, rest = f.read(size), f.read()
    header = change(header.decode("utf-8")).rstrip(" ")
    header = header.encode("utf-8")
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header + rest)


def placed(data, argument):
    """An argument that names a file of the data, FILE or NAME=FILE, with its folder."""
    name, equals, file = argument.rpartition("=")
    return name + equals + os.path.join(data, file) if os.path.exists(os.path.join(data, file)) else argument


def digest(path):
    """SHA-256 of the weights: what follows the header."""
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        f.read(size)
        return hashlib.sha256(f.read()).hexdigest()


def main():
    command, chosen = shlex.split(sys.argv[1]), sys.argv[2:] or list(RUNS)
    data = os.path.join(HERE, "data")
    os.makedirs(data, exist_ok=True)
    make_data(data)
    environment = {**os.environ, "UNROLL_THREADS": "1"}
    for name in chosen:
        folder = os.path.join(HERE, name)
        shutil.rmtree(folder, ignore_errors=True)
        arguments = ["train"] + [placed(data, a) for a in RUNS[name]]
        whole, killed = folder + ".whole", folder + ".killed"
        for path in (whole, killed): shutil.rmtree(path, ignore_errors=True)
        result = subprocess.run(command + arguments + ["--out", whole, "--json"], check=True, capture_output=True, text=True, env=environment)
        result = json.loads(result.stdout)
        process = subprocess.Popen(command + arguments + ["--out", killed, "--json", "--checkpoint-every", "7"], stdout=subprocess.DEVNULL, env=environment)
        while not os.path.exists(os.path.join(killed, "checkpoint.safetensors")): time.sleep(0.001)
        process.kill()
        process.wait()
        os.makedirs(folder)
        shutil.copy(os.path.join(whole, "model.safetensors"), folder)
        shutil.copy(os.path.join(killed, "checkpoint.safetensors"), folder)
        edit_header(os.path.join(folder, "checkpoint.safetensors"), lambda h: h.replace(data, PLACE))
        verb = {"lm": "generate"}.get(RUNS[name][0])
        told = {"arguments": RUNS[name], "digest": digest(os.path.join(whole, "model.safetensors")), "test": result.get("test"), "best_valid_loss": result.get("best_valid_loss"),
                "iterations": result["iterations"]}
        with open(os.path.join(folder, "run.json"), "w") as f: f.write(json.dumps(told, indent=1) + "\n")
        for path in (whole, killed): shutil.rmtree(path)
        print(name, told["digest"][:12], result["iterations"], result.get("best_valid_loss"))


main()
