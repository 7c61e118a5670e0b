"""Checks models written by src/onnx/fixtures/writeModels.ts: python check_onnx.py <folder>

Needs onnx and onnxruntime. Every model must pass the ONNX checker with full shape inference, use
the standard operator set only, and give the same outputs in Python's ONNX Runtime; the nets also in
onnx's own reference implementation, which shares no code with the runtime.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

TYPES = {"float32": np.float32, "float64": np.float64, "int32": np.int32, "uint32": np.uint32, "bool": np.bool_}


def array(entry):
    values = np.array([float(value) for value in entry["data"]], dtype=np.float64)
    return values.astype(TYPES[entry["dtype"]]).reshape(entry["shape"])


def operators(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from operators(attribute.g)


def error(got, expected):
    """Largest difference in units of max(1, |expected|); infinite where shape or type differ."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return np.inf
    if expected.dtype == np.bool_ or expected.size == 0:
        return float(np.any(got != expected))
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    difference = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    return float(np.max(np.where(same, 0, difference / np.maximum(1, np.abs(expected)))))


def runners(model, with_reference):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    found = {"onnxruntime": session.run}
    if with_reference:
        found["reference"] = ReferenceEvaluator(model).run
    return found


def check(path, with_reference):
    """The worst error of each runner over all runs of a model."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 20)], "operator sets"
    assert all(node.domain == "" for node in operators(model.graph)), "operators of other domains"
    worst = {}
    for run in json.loads(path.with_suffix(".json").read_text()):
        feeds = {name: array(entry) for name, entry in run["inputs"].items()}
        expected = {name: array(entry) for name, entry in run["outputs"].items()}
        for runner, call in runners(model, with_reference).items():
            results = call(list(expected), feeds)
            errors = [error(np.asarray(got), want) for got, want in zip(results, expected.values())]
            worst[runner] = max([worst.get(runner, 0), *errors])
    return worst


def main(folder):
    failures = 0
    for part, with_reference, bound in [("nets", True, 1e-5), ("operations", False, 1e-5)]:
        paths = sorted((folder / part).glob("*.onnx"))
        worst = {}
        for path in paths:
            try:
                errors = check(path, with_reference)
            except Exception as problem:  # each model is reported, whatever is wrong with it
                failures += 1
                print(f"{path.stem}: {problem}")
                continue
            if max(errors.values(), default=0) > bound:
                failures += 1
                print(f"{path.stem}: {errors}")
            for runner, value in errors.items():
                worst[runner] = max(worst.get(runner, 0), value)
            if part == "nets":
                print(path.stem, errors)
        print(f"{part}: {len(paths)} models checked, worst errors {worst}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
