/** Nested graphs: a branch chosen while tracing, and loops over sequences. */
import { fail } from "../../errors.ts";
import type { Tensor } from "../../graph.ts";
import { flip } from "../../ops/joining.ts";
import { moveAxis } from "../../ops/layout.ts";
import { where } from "../../ops/logic.ts";
import { scan } from "../../ops/scan.ts";
import { range, sameShape } from "../../shape.ts";
import type { Call, Operators } from "../call.ts";
import { concreteValue } from "../concrete.ts";

/** The branch a known condition chooses; of an unknown one both, and a choice of their results. */
function branch({ input, run, graph }: Call): Tensor[] {
  const known = concreteValue(input(0));
  if (known !== undefined) return run(graph(known.data[0] ? "then_branch" : "else_branch"), []);
  const [yes, no] = [run(graph("then_branch"), []), run(graph("else_branch"), [])];
  return yes.map((a, i) => {
    if (!sameShape(a.shape, no[i].shape) || a.dtype !== no[i].dtype) {
      fail(
        "the condition depends on the model's inputs and the branches' results differ in shape, so " +
          "neither can be chosen while tracing",
      );
    }
    return where(input(0), a, no[i]);
  });
}

function traceScan(call: Call): Tensor[] {
  const { inputs, input, integer, integers, run } = call;
  const body = call.graph("body");
  const sequences = integer("num_scan_inputs");
  const states = inputs.length - sequences;
  const outputs = body.outputs.length - states;
  const reversedIn = integers("scan_input_directions") ?? range(sequences).map(() => 0);
  const reversedOut = integers("scan_output_directions") ?? range(outputs).map(() => 0);
  const axesIn = integers("scan_input_axes") ?? range(sequences).map(() => 0);
  const axesOut = integers("scan_output_axes") ?? range(outputs).map(() => 0);
  // The loop runs one way for all; sequences that run the other way are turned around.
  const reverse = reversedIn.every((direction) => direction === 1);
  const xs = range(sequences).map((i) => {
    const first = moveAxis(input(states + i), axesIn[i], 0);
    return (reversedIn[i] === 1) === reverse ? first : flip(first, 0);
  });
  const [carry, ys] = scan(
    (state: Tensor[], entries: Tensor[]) => {
      const results = run(body, [...state, ...entries]);
      return [results.slice(0, states), results.slice(states)];
    },
    range(states).map((i) => input(i)),
    xs,
    { reverse },
  );
  const placed = ys.map((y, i) => {
    const turned = (reversedOut[i] === 1) === reverse ? y : flip(y, 0);
    return moveAxis(turned, 0, axesOut[i]);
  });
  return [...carry, ...placed];
}

export const control: Operators = {
  If: { trace: branch },
  Scan: {
    trace: (call) =>
      call.opset < 9 ? fail("Scan before operator set 9 is not supported") : traceScan(call),
  },
};
