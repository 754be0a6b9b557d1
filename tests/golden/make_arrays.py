"""Writes the arrays that tests/Unroll.Tests/Data/NpyFileTests.cs reads, with NumPy 1.24.2: python3 make_arrays.py, in this folder."""
import os

import numpy as np

os.makedirs("arrays", exist_ok=True)
values = np.arange(-3, 21).reshape(2, 3, 4)
for descr in ["|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    name = ("be_" if descr[0] == ">" else "") + descr[1:]
    np.save(f"arrays/{name}.npy", values.astype(descr))
for descr in ["|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"]:
    name = ("be_" if descr[0] == ">" else "") + descr[1:]
    np.save(f"arrays/{name}.npy", (values + 3).astype(descr))
np.save("arrays/b1.npy", values % 3 == 0)
np.save("arrays/fortran.npy", np.asfortranarray(values.astype(">f4")))
np.save("arrays/scalar.npy", np.float64(2.5))
np.save("arrays/empty.npy", np.zeros((0, 3), "<f4"))
np.save("arrays/texts.npy", np.array(["cat", "개", "👍", ""]))
np.save("arrays/be_texts.npy", np.array(["cat", "개", "👍", ""]).astype(">U3"))
np.save("arrays/bytes.npy", np.array([b"cat", b"dog"]))
np.save("arrays/objects.npy", np.array([1, "a", None], dtype=object), allow_pickle=True)
np.save("arrays/records.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]))
np.save("arrays/complex.npy", np.array([1 + 2j]))
for version in [(2, 0), (3, 0)]:
    with open(f"arrays/version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, values.astype("<f4"), version=version)
np.savez("arrays/set.npz", X=values.astype("<f4"), y=np.array(["up", "down"]))
np.savez_compressed("arrays/packed.npz", x=values.astype("<f8"), y=np.array([7, -1]), other=np.zeros(3))
np.savez("arrays/single.npz", values[..., 0].astype("u1"))
