/** Tasks from the rows of a table: some rows of a task are the context, another one the query. */
import { column, DataError, type NumericColumn, placeOf, type Table, textAt } from "@etude/data";
import { array, concat, lift, random, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { pairTokens, type TaskSampler } from "../tasks.ts";
import type { UseOptions } from "./options.ts";
import type { Scaling, Source } from "./source.ts";

/** Fewer tasks than this cannot be divided into some to learn from and some to judge on. */
const fewestTasks = 4;

/**
 * The tasks of a table: rows with the same value of --task are examples of one function from the other
 * columns to --target. A share of the tasks is held out. In training a step draws tasks and, of each,
 * N + 1 different rows; the last is the query. Numbers are scaled by means and deviations of the tasks
 * of training, so that inputs vary as much as those of the paper's tasks.
 *
 * @throws DataError for a column that is not there or holds no numbers, and for missing values
 * @throws UsageError for too few tasks with enough rows
 */
export function fromTable(table: Table, options: UseOptions, seed: number): Source {
  const { task = "", target = "", exclude, contextLength: n, intercept } = options;
  for (const name of [task, target, ...exclude]) column(table, name);
  if (task === target) throw new UsageError(`--task and --target are both "${task}"`);
  const inputs = table.columns
    .map(({ name }) => name)
    .filter((name) => name !== task && name !== target && !exclude.includes(name));
  if (inputs.length === 0)
    throw new UsageError(`${table.name} has no column to predict "${target}" from`);
  const columns = inputs.map((name) => numbersOf(table, name));
  const targets = numbersOf(table, target);

  const groups = groupsOf(table, task);
  const large = [...groups].filter(([, rows]) => rows.length > n);
  if (large.length < fewestTasks)
    throw new UsageError(
      `${table.name} has ${large.length} tasks with more than ${n} rows, of ${groups.size} in column "${task}"; ${fewestTasks} at least are needed: lower --context-length, or name another column with --task`,
    );
  const generator = random.generator(seed);
  const order = Array.from(generator.fork(1).permutation(large.length));
  const heldCount = Math.min(
    large.length - 1,
    Math.max(1, Math.round(options.heldOut * large.length)),
  );
  const held = order.slice(0, heldCount).map((i) => large[i]);
  const kept = order.slice(heldCount).map((i) => large[i]);

  const rows = kept.flatMap(([, of]) => of);
  const scaling = scalingOf(columns, targets, rows, intercept);
  const d = columns.length + Number(intercept);
  const inputsAt = (row: number): number[] => [
    ...columns.map((values, j) => (values[row] - scaling.inputMeans[j]) / scaling.inputScales[j]),
    ...(scaling.constant === null ? [] : [scaling.constant]),
  ];
  const targetAt = (row: number): number =>
    (targets[row] - scaling.targetMean) / scaling.targetScale;
  const judged = judgedOf(held, n, options.evaluationTasks, generator.fork(2));
  const whole = (values: number[], shape: number[]) => array(Float32Array.from(values), { shape });
  return {
    inputSize: d,
    contextLength: n,
    inputs,
    training: rowSampler(
      kept.map(([, of]) => of.map((row) => [...inputsAt(row), targetAt(row)])),
      n,
    ),
    judged: {
      tokens: whole(
        judged.flatMap(({ context, query }) => [
          ...context.flatMap((row) => [...inputsAt(row), targetAt(row)]),
          ...inputsAt(query),
          0,
        ]),
        [judged.length, n + 1, d + 1],
      ),
      target: whole(
        judged.map(({ query }) => targetAt(query)),
        [judged.length],
      ),
    },
    queries: judged.map(({ task: name, query }) => ({
      task: name,
      row: placeOf(table, query).row ?? query + 1,
    })),
    scaling,
    notes: [
      `${kept.length} tasks to train on, ${held.length} held out.`,
      ...(large.length < groups.size
        ? [
            `${groups.size - large.length} tasks with ${n} rows or fewer are left out: a context of ${n} and a query need one more.`,
          ]
        : []),
    ],
  };
}

/** @throws DataError for other columns than numbers, and where a value is missing */
function numbersOf(table: Table, name: string): Float64Array {
  const found = column(table, name);
  if (found.kind !== "numeric")
    throw new DataError("holds no numbers; leave it out with --exclude", {
      file: table.name,
      column: name,
    });
  const { values }: NumericColumn = found;
  const missing = values.findIndex((value) => !Number.isFinite(value));
  if (missing >= 0)
    throw new DataError(
      "is no finite number; remove the row or fill the value in",
      placeOf(table, missing, name),
    );
  return values;
}

/** Rows by the text in a column, in the order they first occur. */
function groupsOf(table: Table, name: string): Map<string, number[]> {
  const names = column(table, name);
  const groups = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const text = textAt(names, row);
    if (text === null)
      throw new DataError(
        "has no value: to which task does the row belong?",
        placeOf(table, row, name),
      );
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [row]);
    else group.push(row);
  }
  return groups;
}

/** Inputs vary by 1 / 12 and targets by d / 12, as in the tasks of the paper (r = 1). */
function scalingOf(
  columns: readonly Float64Array[],
  targets: Float64Array,
  rows: readonly number[],
  intercept: boolean,
): Scaling {
  const moments = (values: Float64Array): [mean: number, deviation: number] => {
    const mean = rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
    const square = rows.reduce((sum, row) => sum + (values[row] - mean) ** 2, 0) / rows.length;
    return [mean, Math.sqrt(square) || 1];
  };
  const inputs = columns.map(moments);
  const [targetMean, deviation] = moments(targets);
  const unit = 1 / Math.sqrt(12);
  return {
    inputMeans: inputs.map(([mean]) => mean),
    inputScales: inputs.map(([, scale]) => scale / unit),
    targetMean,
    targetScale: deviation / (unit * Math.sqrt(columns.length + Number(intercept))),
    constant: intercept ? unit : null,
  };
}

/** Every row of a held-out task as the query once, its context drawn from the others. */
function judgedOf(
  held: readonly (readonly [string, readonly number[]])[],
  n: number,
  most: number,
  generator: random.Generator,
): { task: string; query: number; context: number[] }[] {
  const all = held.flatMap(([task, rows]) => rows.map((query) => ({ task, query, rows })));
  const chosen = Array.from(generator.fork(1).permutation(all.length)).slice(0, most);
  return chosen
    .sort((a, b) => a - b)
    .map((at, i) => {
      const { task, query, rows } = all[at];
      const others = rows.filter((row) => row !== query);
      const order = generator.fork(2 + i).permutation(others.length);
      return { task, query, context: Array.from(order.slice(0, n), (place) => others[place]) };
    });
}

/** Draws tasks and N + 1 different rows of each, from rows of inputs and target by task. */
function rowSampler(tasks: readonly (readonly (readonly number[])[])[], n: number): TaskSampler {
  const longest = Math.max(...tasks.map(({ length }) => length));
  const width = tasks[0][0].length;
  const values = new Float32Array(tasks.length * longest * width);
  // Places behind the last row of a task come after all others in every order.
  const behind = new Float32Array(tasks.length * longest);
  tasks.forEach((rows, t) => {
    for (let i = 0; i < longest; i++) {
      if (i < rows.length) values.set(rows[i], (t * longest + i) * width);
      else behind[t * longest + i] = 2;
    }
  });
  const table = array(values, { shape: [tasks.length * longest, width] });
  const places = array(behind, { shape: [tasks.length, longest] });
  return (key, batch) => {
    const [taskKey, orderKey] = random.split(key);
    const task = random.randint(taskKey, [batch], 0, tasks.length);
    const rank = random.uniform(orderKey, [batch, longest]).add(lift(places).gather(task));
    const order = rank.argsort(-1).slice(null, [0, n + 1]);
    const rows = order.add(task.mul(longest).expandDims(-1)).reshape([batch * (n + 1)]);
    const drawn: Tensor = lift(table)
      .gather(rows)
      .reshape([batch, n + 1, width]);
    return pairTokens(
      drawn.slice(null, null, [0, width - 1]),
      drawn.slice(null, null, [width - 1, width]).squeeze(-1),
    );
  };
}

/** Raw numbers as tokens, inside a graph: inputs [B, N + 1, p] and targets [B, N]. */
export function rawTokens(x: Tensor, y: Tensor, scaling: Scaling): Tensor {
  const { inputMeans, inputScales, targetMean, targetScale, constant } = scaling;
  const inputs = x.sub(array([...inputMeans])).div(array([...inputScales]));
  const ones = x.slice(null, null, [0, 1]).mul(0);
  const targets = y.sub(targetMean).div(targetScale).expandDims(-1);
  const known = concat([targets, targets.slice(null, [0, 1]).mul(0)], 1);
  return concat([inputs, ...(constant === null ? [] : [ones.add(constant)]), known], -1);
}
