"""Writes src/Unroll/Data/UnicodeForms.Table.cs and unicode.json, from Python's own Unicode data.

The table: every character with a combining class or a decomposition, in order. Of each, as numbers of seven bits a byte, the lowest first
and the high bit set where more follow: the distance from the character before; the combining class; twice the length of its decomposition,
plus 1 if it is one of compatibility; where there is a decomposition, whether nothing is composed to the character; and the characters of the
decomposition, each as its distance from the one before, with the sign in the lowest bit. Hangul is left out: it is arithmetic.

unicode.json: for every form the SHA-256 of all characters normalised, each followed by two marks out of order, one a line.
"""
import base64, hashlib, json, os, sys, unicodedata, zlib

here = os.path.dirname(os.path.abspath(__file__))


def number(out, n):
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)


def signed(out, n):
    number(out, n << 1 if n >= 0 else (-n << 1) - 1)


table, last = bytearray(), 0
for code in range(sys.maxunicode + 1):
    char = chr(code)
    mapping = unicodedata.decomposition(char).split()
    if not mapping and not unicodedata.combining(char):
        continue
    compatible = bool(mapping) and mapping[0].startswith("<")
    codes = [int(m, 16) for m in mapping[compatible:]]
    number(table, code - last)
    number(table, unicodedata.combining(char))
    number(table, 2 * len(codes) + compatible)
    if codes:
        number(table, int(compatible or unicodedata.normalize("NFC", char) != char))
    before = code
    for c in codes:
        signed(table, c - before)
        before = c
    last = code

packer = zlib.compressobj(9, zlib.DEFLATED, -15)
text = base64.b64encode(packer.compress(bytes(table)) + packer.flush()).decode()
with open(os.path.join(here, "../../src/Unroll/Data/UnicodeForms.Table.cs"), "w", newline="\n") as file:
    file.write("namespace Unroll.Data;\n\nstatic partial class UnicodeForms\n{\n")
    file.write("    /// <summary>The decompositions and combining classes of Unicode %s; written by <c>tests/golden/make_unicode.py</c>, which says how\n" % unicodedata.unidata_version)
    file.write("    /// they are packed.</summary>\n")
    file.write('    const string Table = """\n')
    for i in range(0, len(text), 140):
        file.write("        " + text[i:i + 140] + "\n")
    file.write('        """;\n}\n')

def characters():
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000 and code != 10:
            yield chr(code)

golden = {"unicode": unicodedata.unidata_version}
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    lines = hashlib.sha256()
    for char in characters():
        lines.update((unicodedata.normalize(form, char + "\u0301\u0323") + "\n").encode("utf-8"))
    golden[form] = lines.hexdigest()
with open(os.path.join(here, "unicode.json"), "w", newline="\n") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
