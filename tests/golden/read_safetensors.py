"""Checks safetensors files by the published format and prints what they hold. Standard library only; shares nothing with Unroll.

    python3 read_safetensors.py FILE...
"""
import json
import struct
import sys

SIZES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "U8": 1}
CODES = {"F64": "d", "I64": "q", "F32": "f", "I32": "i", "F16": "e", "U8": "B"}


def unique(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "duplicate names"
    return dict(pairs)


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    assert length <= 100_000_000 and length % 8 == 0 and content[8:9] == b"{"
    header = json.loads(content[8 : 8 + length].decode("utf-8"), object_pairs_hook=unique)
    data = content[8 + length :]
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(text, str) for text in metadata.values())
    reached = 0
    tensors = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(entry) == {"dtype", "shape", "data_offsets"}
        begin, end = entry["data_offsets"]
        size = SIZES[entry["dtype"]]
        count = 1
        for dimension in entry["shape"]:
            count *= dimension
        assert begin == reached and end - begin == count * size and (8 + length + begin) % size == 0, name
        code = CODES.get(entry["dtype"], "H")
        tensors[name] = (entry["dtype"], entry["shape"], struct.unpack(f"<{count}{code}", data[begin:end]))
        reached = end
    assert reached == len(data), "trailing bytes"
    return metadata, tensors


if __name__ == "__main__":
    for path in sys.argv[1:]:
        metadata, tensors = read(path)
        print(path)
        for key, text in metadata.items():
            print(f"  {key!r}: {text!r}")
        for name, (dtype, shape, values) in tensors.items():
            print(f"  {name!r} {dtype} {shape}: {values[:8]}")
