"""The Python end of the conversation with the benchmark; protocol.ts describes it."""

import json
import sys
import time

import numpy as np

SLOW = 30  # seconds with compilation; a step beyond is not repeated for the sake of checking


def fingerprint(result):
    """Two numbers that pin down a result: its norm and its product with a fixed pattern."""
    squares = projection = 0.0
    for name in sorted(result):
        values = np.asarray(result[name]).ravel()
        pattern = (np.arange(values.size) % 7 - 3.5).astype(np.float32)
        squares += float(np.einsum("i,i->", values, values, dtype=np.float64))
        projection += float(np.einsum("i,i->", values, pattern, dtype=np.float64))
    return {"norm": squares**0.5, "projection": projection}


class Inputs:
    """A workload's name, its settings, and its arrays as dictionaries of NumPy arrays."""

    def __init__(self, path):
        with open(path) as file:
            description = json.load(file)
        buffer = np.fromfile(description["file"], dtype=np.uint8)

        def read(arrays):
            values = {}
            for entry in arrays:
                dtype = np.dtype(entry["dtype"])
                count = int(np.prod(entry["shape"], dtype=np.int64))
                start = entry["offset"]
                raw = buffer[start : start + count * dtype.itemsize]
                values[entry["name"]] = raw.view(dtype).reshape(entry["shape"])
            return values

        self.workload = description["workload"]
        self.settings = description["settings"]
        self.parameters = read(description["parameters"])
        self.data = read(description["data"])


def serve(name, version, prepare):
    """Answer requests until standard input ends.

    `prepare(inputs)` gives a program: step(), finish(), result() -> dict of arrays, and compile()
    -> milliseconds or None.
    """
    channel, sys.stdout = sys.stdout, sys.stderr

    def answer(value):
        channel.write(json.dumps(value) + "\n")
        channel.flush()

    program = None
    answer({"name": name, "version": version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["command"] == "load":
                program = None
                loaded = prepare(Inputs(request["inputs"]))
                fingerprints = []
                for _ in range(3):
                    start = time.perf_counter()
                    loaded.step()
                    loaded.finish()
                    fingerprints.append(fingerprint(loaded.result()))
                    if time.perf_counter() - start > SLOW:
                        break
                program = loaded
                answer({"fingerprints": fingerprints})
            elif request["command"] == "compile":
                answer({"milliseconds": program.compile()})
            else:
                start = time.perf_counter()
                for _ in range(request["steps"]):
                    program.step()
                program.finish()
                answer({"milliseconds": 1000 * (time.perf_counter() - start)})
        except Exception as error:  # one workload that fails must not end the others
            answer({"error": f"{type(error).__name__}: {error}"})
