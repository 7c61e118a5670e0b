import { expect, test } from "vitest";
import { grad, jit, lift, type NDArray, type Tensor } from "../index.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { arrayOf, drawFrom, type Random, randomFrom } from "../testing/random.ts";
import * as entries from "./fixtures/cases/entries.ts";
import * as nets from "./fixtures/cases/nets.ts";
import * as places from "./fixtures/cases/places.ts";
import * as sequences from "./fixtures/cases/sequences.ts";
import { isStored, modelOf, type OperatorCase, title } from "./fixtures/operators.ts";
import { type Feed, openReference } from "./fixtures/reference.ts";
import { importOnnx } from "./import.ts";
import { operators } from "./operators/table.ts";

type Arrays = Record<string, NDArray>;

const isFloat = ({ dtype }: { dtype: string }) => dtype === "float32";

type Tensors = Record<string, Tensor>;

const onlyFloats = (tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([, tensor]) => isFloat(tensor)));

const mapFloats = (arrays: Arrays, f: (name: string, value: NDArray) => NDArray): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, a]) => [name, isFloat(a) ? f(name, a) : a]),
  );

const randomLike =
  (random: Random) =>
  (_: string, { size, shape, dtype }: NDArray) =>
    arrayOf(
      Array.from({ length: size }, () => random() - 0.5),
      shape,
      dtype,
    );

/** Sum over all float entries of the product of two sets of arrays. */
const inner = (a: Arrays, b: Arrays): number =>
  Object.keys(a)
    .filter((name) => isFloat(a[name]))
    .flatMap((name) => Array.from(a[name].data, (value, i) => value * b[name].data[i]))
    .reduce((sum, product) => sum + product, 0);

/**
 * The importer's values are ONNX Runtime's own; its gradient, along a random direction and for a
 * random cotangent, is the difference quotient of ONNX Runtime's values.
 */
async function check(c: OperatorCase): Promise<void> {
  const random = randomFrom(11);
  const fed: Arrays = {};
  c.inputs.forEach((input, i) => {
    if (input !== null && !isStored(input)) fed[`in${i}`] = drawFrom(input, "float32", random);
  });
  const bytes = modelOf(c, fed);
  const run = await openReference(bytes);
  const feed = (arrays: Arrays): Record<string, Feed> =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, value]) => [
        name,
        { value, as: c.int64 && value.dtype === "int32" ? ("int64" as const) : undefined },
      ]),
    );
  const expected = await run(feed(fed));

  const model = importOnnx(bytes);
  const cotangents = mapFloats(expected, randomLike(random));
  const { values, gradient } = await jit((inputs: Tensors, cts: Tensors) => ({
    values: model(inputs),
    gradient: grad((floats: Tensors) =>
      Object.entries(onlyFloats(model({ ...inputs, ...floats }))).reduce<Tensor>(
        (sum, [name, value]) => sum.add(value.mul(cts[name]).sum()),
        lift(0),
      ),
    )(onlyFloats(inputs)),
  }))(fed, cotangents);
  for (const [name, value] of Object.entries(expected))
    expectClose(name, values[name], toReference(value), { entry: c.tolerance });

  const direction = mapFloats(fed, randomLike(random));
  const step = 1e-2;
  const at = async (scale: number) => {
    const moved = mapFloats(fed, (name, value) =>
      arrayOf(
        Array.from(value.data, (entry, i) => entry + scale * direction[name].data[i]),
        value.shape,
        value.dtype,
      ),
    );
    return inner(await run(feed(moved)), cotangents);
  };
  const quotient = ((await at(step)) - (await at(-step))) / (2 * step);
  const slope = inner(gradient, direction);
  expect(
    Math.abs(slope - quotient),
    `gradient ${slope}, difference quotient ${quotient}`,
  ).toBeLessThan(5e-3 * Math.max(1, Math.abs(quotient)));
}

const families: Record<string, readonly OperatorCase[]> = {
  ...entries,
  ...places,
  ...nets,
  ...sequences,
};

test("every operator of the table is tested, here or with the graphs it nests", () => {
  const tested = Object.values(families)
    .flat()
    .map((c) => (c.domain === "" ? c.operator : `${c.domain}.${c.operator}`));
  const elsewhere = ["Constant", "If", "Scan"];
  expect([...new Set([...tested, ...elsewhere])].sort()).toEqual(Object.keys(operators).sort());
});

test.each(Object.entries(families))("%s", async (_, cases) => {
  const wrong: string[] = [];
  for (const c of cases) {
    await check(c).catch((error: Error) => wrong.push(`${title(c)}: ${error.message}`));
  }
  expect(wrong.join("\n")).toBe("");
});
