"""What the comparisons with PyTorch share: where things are, how a program is run, and which BLAS PyTorch has."""
import argparse
import itertools
import os
import pathlib
import shlex
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
choices = list(itertools.product(sorted({1, os.cpu_count()}), repeat=2))      # threads of PyTorch, threads of OpenBLAS


def parser(description):
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--rounds", type=int, default=3)
    result.add_argument("--unroll", type=shlex.split, default=[str(root / "src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli")])
    result.add_argument("--threads", type=int, default=os.cpu_count(), help="for Unroll; PyTorch tries 1 and all processors")
    result.add_argument("--python", default=sys.executable, help="one that has PyTorch")
    return result


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


def libraries(python):
    """Which file PyTorch's matrix products come from: the BLAS libraries that a process with PyTorch has loaded."""
    program = ("import torch; torch.ones(64, 64) @ torch.ones(64, 64); print(torch.__version__); "
               "print(*sorted({l.split()[-1] for l in open('/proc/self/maps') if 'blas' in l or 'mkl' in l}))")
    version, *files = run([python, "-c", program]).split()
    return f"PyTorch {version}, products from {', '.join(files) or 'its own library'}"


def fit(tried):
    """The combinations of threads that are worth timing: those that are not less than half as fast as the best."""
    return [choice for choice in choices if tried[choice] > 0.5 * max(tried.values())]


def rate_after(reports, skipped):
    """Tokens per second over the iterations after the first ones, from the lines of a run's log."""
    rates = [(now["iteration"] - before["iteration"], now["tokens_per_s"])
             for before, now in zip(reports, reports[1:]) if before["iteration"] >= skipped]
    return sum(n for n, _ in rates) / sum(n / rate for n, rate in rates)
