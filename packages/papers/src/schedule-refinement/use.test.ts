import { parseCsv } from "@etude/data";
import { random } from "@etude/tensor";
import { expect, test } from "vitest";
import { finish } from "../contract/events.ts";
import { useReportSchema } from "../contract/report.ts";
import type { UserInput } from "../contract/use.ts";
import { type UseOutcome, use } from "../run/use.ts";
import { testSurroundings } from "../testing.ts";
import { paper } from "./paper.ts";
import { refineSchedule } from "./refine.ts";
import { expectClose } from "./testing.ts";

const run = (input: UserInput, options: Record<string, unknown> = {}) =>
  finish(use(paper, { seed: 0, options, inputs: { log: input } }, testSurroundings()));
const csv = async (text: string): Promise<UserInput> => {
  return { kind: "table", file: "run.csv", table: await parseCsv(text, { name: "run.csv" }) };
};
const text = (content: string): UserInput => ({ kind: "text", file: "run.jsonl", text: content });
const fileOf = ({ files }: UseOutcome, name: string) =>
  new TextDecoder().decode(files.find((file) => file.name === name)?.bytes);
const multipliers = (outcome: UseOutcome): number[] =>
  JSON.parse(fileOf(outcome, "schedule.json")).multipliers;

const draw = random.generator(1);
/** Norms that fall by a factor of four in the first fifth, with the noise of batches. */
const norms = Array.from({ length: 200 }, (_, t) =>
  Number(((1 + 3 * Math.exp(-t / 20)) * Math.exp(0.1 * draw.normal())).toFixed(5)),
);
const expected = refineSchedule(norms, { norm: "l2" });

test("a table: the schedule of the formula in both files, with rates where a peak is given", async () => {
  const rows = norms.map((norm, t) => `${t},${(2 - t / 200).toFixed(3)},${norm}`);
  const outcome = await run(await csv(["step,loss,train/grad_norm", ...rows].join("\n")), {
    optimiser: "sgd",
    peak: 0.5,
  });
  expectClose(multipliers(outcome), expected, 1e-8);
  const lines = fileOf(outcome, "schedule.csv").trimEnd().split("\n");
  expect(lines[0]).toBe("step,multiplier,rate");
  expect(lines).toHaveLength(201);
  const [step, multiplier, rate] = lines[51].split(",").map(Number);
  expect(step).toBe(50);
  expect(multiplier).toBeCloseTo(expected[50], 8);
  expect(rate).toBeCloseTo(expected[50] / 2, 8);
  expect(lines[200]).toBe("199,0,0");
  const report = useReportSchema.parse(JSON.parse(JSON.stringify(outcome.report)));
  expect(report.figures.map(({ id }) => id)).toEqual(["schedule", "norms"]);
  expect(report.findings.join(" ")).toContain("sweep it again");
});

test("the same record in other formats gives the same schedule", async () => {
  const state = {
    epoch: 1,
    log_history: norms.map((norm, t) => ({ step: 10 * t, grad_norm: norm })),
  };
  state.log_history.push({ step: 2000, eval_loss: 1 } as never);
  const formats: UserInput[] = [
    await csv(norms.join("\n")),
    await csv(norms.map((norm, t) => `${t},${norm}`).join("\n")),
    await csv(
      [
        "Step,run - grad_norm,run - grad_norm__MIN",
        ...norms.map((norm, t) => `${t},${norm},1`),
      ].join("\n"),
    ),
    text(norms.join("\n")),
    text(JSON.stringify(norms)),
    text(JSON.stringify({ step: norms.map((_, t) => t), gradNorm: norms })),
    text(norms.map((norm, t) => JSON.stringify({ iter: t, train: { gnorm: norm } })).join("\n")),
    // Out of order, as restarts write it: the later row of a step counts.
    text(
      [
        ...norms.map((_, t) => ({ step: t, grad_norm: 77 })),
        ...norms.map((norm, t) => ({ step: t, grad_norm: norm })),
      ]
        .map((row) => JSON.stringify(row))
        .join("\n"),
    ),
  ];
  const options = { optimiser: "sgd" };
  for (const [i, input] of formats.entries()) {
    const given = i === 1 ? { ...options, column: "column 2", stepColumn: "column 1" } : options;
    expectClose(multipliers(await run(input, given)), expected, 1e-8);
  }
  // A record at every tenth step is of a run ten times as long.
  const every10 = await run(text(JSON.stringify(state)), options);
  expect(multipliers(every10)).toHaveLength(2000);
  expectClose(
    multipliers(every10).filter((_, t) => t % 10 === 9),
    expected,
    1e-8,
  );
  expect(every10.report.findings.join(" ")).toContain("1 of 201 rows have no gradient norm");
});

test("l1 norms, other lengths, the mean filter and the numerical schedule", async () => {
  const rows = ["grad_l1_norm", ...norms].join("\n");
  const l1 = await run(await csv(rows));
  expectClose(multipliers(l1), refineSchedule(norms, { norm: "l1" }), 1e-8);
  const longer = await run(await csv(rows), { length: 1000, smoothing: 0.2, filter: "mean" });
  expectClose(
    multipliers(longer),
    refineSchedule(norms, { norm: "l1", smoothing: 0.2, filter: "mean", length: 1000 }),
    1e-8,
  );
  const trimmed = await run(await csv(rows), { trim: 20 });
  const inner = refineSchedule(norms.slice(20, 180), { norm: "l1", length: 200 });
  expect(multipliers(trimmed)).toHaveLength(200);
  expect(multipliers(trimmed)[120]).toBeGreaterThan(0.8 * inner[120]);
  // Both bounds are of the same order, and so are their schedules.
  const numerical = multipliers(await run(await csv(rows), { method: "numerical" }));
  expectClose(numerical, refineSchedule(norms, { norm: "l1" }), 0.05);
  expect(numerical[199]).toBeLessThanOrEqual(numerical[198]);
});

test("what is odd about a record is told", async () => {
  const findings = async (values: readonly (number | string)[], options = {}) =>
    (
      await run(await csv(["grad_norm", ...values].join("\n")), { optimiser: "sgd", ...options })
    ).report.findings.join("\n");
  expect(await findings(norms)).not.toContain("degenerate");
  expect(await findings(norms)).not.toContain("scatter");
  expect(await findings(norms.map((norm, t) => (t === 50 ? "inf" : norm)))).toContain(
    "1 of 200 gradient norms are not finite and were left out, the first at step 50",
  );
  expect(await findings(norms.map((norm, t) => norm * Math.exp(-t / 20)))).toContain(
    "refinement is known to degenerate",
  );
  expect(await findings(norms.map((norm, t) => (t % 4 === 0 ? 30 * norm : norm)))).toContain(
    "--filter mean is the safer choice",
  );
  expect(await findings(norms, { optimiser: "adam" })).toContain("the norm to record is l1");
});

test("logs that cannot be used are refused in one line that says where", async () => {
  const sgd = { optimiser: "sgd" };
  const refused = async (input: UserInput, options: Record<string, unknown>, message: string) => {
    const error = await run(input, options).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(["UsageError", "DataError"]).toContain((error as Error).name);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain("\n");
  };
  const table = await csv("step,loss,accuracy\n1,2,3\n2,3,4");
  await refused(
    table,
    sgd,
    "no column is named like gradient norms; name it with --column, of loss",
  );
  await refused(table, { ...sgd, column: "gnorm" }, "--column gnorm: run.csv has no such column");
  await refused(await csv("grad_norm\n1\n2"), {}, "--optimiser is missing");
  await refused(
    await csv("a/grad_norm,b/grad_norm\n1,2\n3,4"),
    sgd,
    "several columns may be the gradient norms, a/grad_norm, b/grad_norm",
  );
  await refused(await csv("grad_norm\n1\n-2\n3"), sgd, 'run.csv, row 3, column "grad_norm": -2');
  await refused(
    await csv("grad_norm\n1\nabc\n3"),
    sgd,
    'run.csv, row 3, column "grad_norm": "abc"',
  );
  await refused(await csv("grad_norm\n1"), sgd, "1 gradient norms are no record of a run");
  await refused(
    await csv("step,grad_norm\n0,1\n10,1\n20,1\n25,1\n30,1\n40,1"),
    sgd,
    'row 5, column "step": step 25 is not on the grid 0, 10, 20',
  );
  await refused(
    await csv("step,grad_norm\n0,1\n1,1\n2,1\n1000000000,1"),
    sgd,
    "only 4 have a norm",
  );
  await refused(await csv("step,grad_norm\n0.5,1\n1,1"), sgd, "0.5 is no number of steps");
  await refused(
    await csv(["grad_norm", ...Array(40).fill(0)].join("\n")),
    sgd,
    "gradient norm 0 at step 0: the run interpolates; refinement undefined",
  );
  await refused(await csv("grad_norm\n1\n2\n3"), { ...sgd, trim: 1 }, "--trim 1: of 3 records");
  await refused(await csv("grad_norm\n1\n2"), { ...sgd, smoothing: 1 }, "smoothing");
  await refused(text(" "), sgd, "run.jsonl: the file is empty");
  await refused(text('{"grad_norm": 1}\nhello'), sgd, "run.jsonl, row 2: not an object in JSON");
  await refused(text("[]"), sgd, "the list is empty");
  await refused(text('{"a": [1, 2], "b": [1]}'), sgd, '"a" has 2 entries, "b" has 1');
  await refused(text('{"a": {"b": []}}'), sgd, 'row 1, column "a/b": not a number');
});

test("Python's NaN and Infinity are numbers, and texts that contain them stay texts", async () => {
  const lines = norms.map((norm, t) =>
    t === 3 ? '{"note": "NaN, Infinity", "grad_norm": Infinity}' : `{"grad_norm": ${norm}}`,
  );
  const outcome = await run(text(lines.join("\n")), { optimiser: "sgd" });
  expect(outcome.report.findings.join(" ")).toContain("1 of 200 gradient norms are not finite");
  expect(multipliers(outcome)).toHaveLength(200);
});
