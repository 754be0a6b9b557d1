"""Writes sample.safetensors: every type Unroll reads, with awkward values, names and metadata. Standard library only.

    python3 write_safetensors.py sample.safetensors
"""
import json
import struct
import sys

# Bit patterns, not numbers, where a conversion on the way could hide an error.
TENSORS = [  # name, type, shape, bytes
    ("moments", "F64", [], struct.pack("<Q", 0x3FB999999999999A)),                                # 0.1, a scalar
    ("steps", "I64", [3], struct.pack("<3q", -(2**63), -1, 2**63 - 1)),
    ("rnn.weight_ih_l0", "F32", [2, 3], struct.pack(                                              # 1, -0, least, largest, -inf, NaN
        "<6I", 0x3F800000, 0x80000000, 0x00000001, 0x7F7FFFFF, 0xFF800000, 0x7FC12345)),
    ("한글 \"quoted\"\n", "F32", [0, 4], b""),
    ("ids", "I32", [2, 1, 2], struct.pack("<4i", -(2**31), 0, 7, 2**31 - 1)),
    ("half", "F16", [4], struct.pack("<4H", 0x3C00, 0x8001, 0x7BFF, 0xFC00)),                     # 1, -2^-24, 65504, -inf
    ("brain", "BF16", [4], struct.pack("<4H", 0x3F80, 0xBF81, 0x0001, 0x7F80)),                   # 1, -1.0078125, 2^-133, inf
    ("bytes", "U8", [5], bytes([0, 1, 127, 128, 255])),
]
METADATA = {"format": "pt", "config": '{"hidden": 256, "cell": "lstm"}', "vocabulary": "\n !가힣é\U0001f600\\"}


def main(path):
    header, begin = {"__metadata__": METADATA}, 0
    for name, dtype, shape, data in TENSORS:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + len(data)]}
        begin += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data for *_, data in TENSORS))


if __name__ == "__main__":
    main(sys.argv[1])
