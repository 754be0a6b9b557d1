"""Fits the polynomials of src/Unroll/Kernels/VectorMath.cs and prints them as C# constants.

    python3 tests/golden/fit_functions.py        (numpy only)

Each polynomial minimises the largest weighted error over its interval by the exchange of E. Remez (1934) on a dense grid; then its
coefficients are rounded to single precision. The last column is the error of the rounded polynomial, evaluated in double.
"""

import numpy as np


def remez(basis, target, weight, rounds=100):
    """Coefficients c that minimise max |weight·(target − basis·c)| over the rows; basis is [points, terms]."""
    points, terms = basis.shape
    nodes = np.round((1 - np.cos(np.pi * (np.arange(terms + 1) + 0.5) / (terms + 1))) / 2 * (points - 1)).astype(int)
    for _ in range(rounds):
        signs = (-1.0) ** np.arange(terms + 1) / weight[nodes]
        solution = np.linalg.solve(np.column_stack([basis[nodes], signs]), target[nodes])
        error = weight * (target - basis @ solution[:terms])
        runs = np.split(np.arange(points), np.flatnonzero(np.diff(np.signbit(error))) + 1)   # one extremum for each run of a sign
        peaks = np.array([run[np.argmax(np.abs(error[run]))] for run in runs])
        while len(peaks) > terms + 1:
            peaks = peaks[1:] if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else peaks[:-1]
        if len(peaks) < terms + 1 or np.array_equal(peaks, nodes):
            break
        nodes = peaks
    return solution[:terms]


def fit(name, z, terms, target, weight):
    """Prints q(z) = c₀ + c₁z + … ≈ target in single precision, and the largest weighted error left."""
    basis = np.vander(z, terms, increasing=True)
    c = np.float32(remez(basis, target, weight))
    error = np.max(np.abs(weight * (target - basis @ c.astype(float))))
    print(f"{name:16s}", ", ".join(f"{k:.9g}f" for k in c), f"  error {error:.1e}")


def split(name, value, bits):
    """value = high + low, high with so few bits that a multiple of it is exact (W. J. Cody and W. Waite, 1980)."""
    scale = 2.0 ** (bits - 1 - np.floor(np.log2(value)))
    high = np.round(value * scale) / scale
    print(f"{name:28s}", f"{np.float32(high):.9g}f, {np.float32(value - high):.9g}f")


if __name__ == "__main__":
    ln2 = np.log(2)
    split("ln 2", ln2, 24)

    # eʳ = 1 + r + r²·q(r), |r| ≤ ln2/2, relative to eʳ
    r = np.linspace(-ln2 / 2 * 1.001, ln2 / 2 * 1.001, 20000)
    fit("exp", r, 5, (np.expm1(r) - r) / r**2, r**2 * np.exp(-r))

    # tanh h = h + h³·q(h²), |h| ≤ ln2/4, relative to tanh h
    h = np.linspace(1e-2, ln2 / 4 * 1.001, 20000)
    fit("tanh", h * h, 3, (np.tanh(h) - h) / h**3, h**3 / np.tanh(h))

    # log(1+f) = f − f²/2 + f³·q(f), √½ ≤ 1+f ≤ √2, relative to log(1+f)
    f = np.linspace(np.sqrt(0.5) - 1, np.sqrt(2) - 1, 20000)
    f = f[np.abs(f) > 1e-2]
    fit("log", f, 8, (np.log1p(f) - f + f * f / 2) / f**3, np.abs(f**3 / np.log1p(f)))

    # log(1+u) = 2w + w³·q(w²), w = u/(2+u), 0 ≤ u ≤ 1, relative to log(1+u)
    w = np.linspace(1e-2, 1 / 3, 20000)
    fit("log(1+u)", w * w, 4, 2 * (np.arctanh(w) - w) / w**3, w**3 / (2 * np.arctanh(w)))
