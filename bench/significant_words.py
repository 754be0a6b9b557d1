"""The words that attention weighs most, as a Markdown table.

usage: unroll predict RUN FILE --explain attention --json | python3 significant_words.py [--labels LABELS] [--words 10]

Reads the JSON lines of `unroll predict`; of every text the words with the largest weights, each spelling once with the sum of its weights,
in percent. LABELS: a file with the right label of each text, a line each.
"""
import argparse
import collections
import json
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--labels")
parser.add_argument("--words", type=int, default=10)
options = parser.parse_args()

labels = open(options.labels, encoding="utf-8").read().split() if options.labels else None
print("| | begins | right | predicted | words, % of the weight | all of them |\n|---|---|---|---|---|---|")
for number, line in enumerate(sys.stdin):
    answer = json.loads(line)
    weights = collections.Counter()
    for token, weight in zip(answer["tokens"], answer["weights"], strict=True):
        weights[token.lower()] += 100 * weight
    top = weights.most_common(options.words)
    words = ", ".join(f"{word.replace('|', '&#124;')} {weight:.1f}" for word, weight in top)
    begin = answer["text"][:40].replace("|", "&#124;").replace("<br />", " ")
    print(f"| {number + 1} | {begin}… | {labels[number] if labels else ''} | {answer['label']} {answer['probability']:.2f} | {words} | {sum(w for _, w in top):.0f} |")
