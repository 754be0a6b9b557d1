"""Writes translation_scores.json: what sacreBLEU says of a small set. Needs sacrebleu 2.6.0: pip install sacrebleu==2.6.0.

The sentences are made up for what they try: no match, short texts, signs, numbers, dashes, references of different lengths, other scripts,
empty texts, entities, white space. Scores have all digits that Python prints.
"""
import json, os
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

here = os.path.dirname(os.path.abspath(__file__))

sets = {
    "plain": (
        ["A man in an orange hat starring at something.", "A Boston Terrier is running on lush green grass in front of a white fence.",
         "A girl in karate uniform breaking a stick with a front kick.", "Five people wearing winter jackets stand in the snow.",
         "People are fixing the roof of a house.", "A man is sleeping.", "The dogs run through the water, and bark."],
        [["A man in an orange hat starring at something.", "A Boston Terrier is running on lush green grass in front of a white fence.",
          "A girl in karate uniform breaking a stick with a front kick.",
          "Five people wearing winter jackets and helmets stand in the snow, with snowmobiles in the background.",
          "People are fixing the roof of a house.", "A man in light colored clothing photographs a group of men.",
          "Two dogs are running through the water."]]),
    "far": (
        ["the the the the the the the", "It is a guide to action which ensures that the military always obeys the commands of the party.",
         "Nothing here matches", "He read the book because he was interested in world history."],
        [["the cat is on the mat", "It is a guide to action that ensures that the military will forever heed Party commands.",
          "completely different words", "he was interested in world history because he read the book"]]),
    "signs": (
        ["\"Wait!\" she said; it's 3.14, 1,000 and 5-6% (approx.) of $20.", "state-of-the-art, e.g. U.S. 2.0-beta... end.",
         "a &lt;b&gt; &amp; &quot;c&quot; <skipped> d", "tab\tand\u00a0no-break \u2014 dash \u201cquotes\u201d ,5 5, .5 5. -5 5-",
         "one -\ntwo\nthree  ", "[x] {y} ~z `w` ^v _u_ |t| \\s/ @r #q *p +o =n <m> ?l :k"],
        [["\"Wait\", she said. It's 3.14, 1,000 and 5-6 % (about) of $20.", "State-of-the-art, i.e. U.S. 2.0 beta... the end.",
          "a <b> & \"c\" d", "tab and no-break - dash \"quotes\" ,5 5, .5 5. -5 5-", "one two three",
          "[x] {y} ~z `w` ^v _u_ |t| \\s/ @r #q *p +o =n <m> ?l :k !j"]]),
    "several": (
        ["the cat sat on the mat today", "a quick brown fox", "yes", ""],
        [["the cat is on the mat", "the fast brown fox jumped", "yes", "no"],
         ["there is a cat on the mat now today", "a quick brown fox jumps", "yes indeed", ""]]),
    "scripts": (
        ["안녕하세요, 반갑습니다.", "오늘은 날씨가 참 좋네요", "Ünïcödé ÇAFÉ naïve", "😀😃 happy 👍🏽 face", "今日は良い天気です。"],
        [["안녕하세요, 만나서 반갑습니다.", "오늘 날씨가 좋네요.", "Unïcode Çafé naive", "😀 happy 👍 faces", "今日はいい天気ですね。"]]),
    "short": (["yes", "no", "perhaps not", "a b c"], [["yes", "nope", "perhaps", "a b d"]]),
    "nothing": (["", "x y"], [["a b c d", "z"]]),
    "empty": (["", ""], [["", ""]]),
    "perfect": (["This is exactly right, word for word."], [["This is exactly right, word for word."]]),
}

bleus = {
    "default": dict(), "lower": dict(lowercase=True), "floor": dict(smooth_method="floor"), "floor-0.5": dict(smooth_method="floor", smooth_value=0.5),
    "add-k": dict(smooth_method="add-k"), "add-k-2": dict(smooth_method="add-k", smooth_value=2), "none": dict(smooth_method="none"),
    "effective": dict(effective_order=True), "effective-floor": dict(effective_order=True, smooth_method="floor"),
    "effective-add-k": dict(effective_order=True, smooth_method="add-k"),
}


def of_bleu(metric, score):
    return {"score": score.score, "precisions": list(score.precisions), "bp": score.bp, "length": score.sys_len, "reference_length": score.ref_len,
            "text": str(score), "signature": str(metric.get_signature())}


golden = {"version": sacrebleu.__version__, "sets": []}
for name, (outputs, references) in sets.items():
    entry = {"name": name, "outputs": outputs, "references": [list(r) for r in zip(*references)], "words": [Tokenizer13a()(o) for o in outputs],
             "bleu": {}, "chrf": {}, "sentences": []}
    for key, options in bleus.items():
        metric = BLEU(force=True, **options)
        entry["bleu"][key] = of_bleu(metric, metric.corpus_score(outputs, references))
    for key, lower in (("default", False), ("lower", True)):
        metric = CHRF(lowercase=lower)
        score = metric.corpus_score(outputs, references)
        entry["chrf"][key] = {"score": score.score, "text": str(score), "signature": str(metric.get_signature())}
    for output, refs in zip(outputs, entry["references"]):
        sentence = {"chrf": CHRF().sentence_score(output, refs).score}
        for key, options in bleus.items():
            sentence[key] = BLEU(force=True, **options).sentence_score(output, refs).score
        entry["sentences"].append(sentence)
    golden["sets"].append(entry)

# One output with one reference, one with two: None stands for a reference that is not there.
metric = BLEU(force=True)
score = metric.corpus_score(["a b c d e", "f g h i"], [["a b c d x", "f g h i"], [None, "f g h"]])
golden["uneven"] = of_bleu(metric, score)

with open(os.path.join(here, "translation_scores.json"), "w", encoding="utf-8", newline="\n") as file:
    json.dump(golden, file, ensure_ascii=False, indent=1)
    file.write("\n")
