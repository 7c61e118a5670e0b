import fc from "fast-check";
import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { convCase, convTransposeCase } from "../testing/convolution-cases.ts";
import { convolutions } from "../testing/tables.ts";
import { checkPrecisions, checkTogether } from "../testing/together.ts";
import type { ConvOptions } from "./conv.ts";
import type { Widths } from "./window.ts";
import "../methods.ts";

describe("convolutions", () => {
  for (const c of convolutions) test(c.name, () => checkCase(c));
});

test("convolutions of nothing, and of no channels", () =>
  checkTogether([
    convCase([0, 2, 4], [3, 2, 2]),
    convCase([2, 2, 4], [0, 2, 2]),
    convCase([2, 0, 4], [3, 0, 2]),
    convTransposeCase([0, 2, 4], [2, 3, 2]),
    convTransposeCase([2, 2, 4], [2, 0, 2]),
    convTransposeCase([2, 0, 4], [0, 3, 2]),
  ]));

const small = (max: number, min = 1) => fc.integer({ min, max });

/** One spatial axis: input at least as long as the kernel reaches. */
const axis = fc
  .record({
    kernel: small(3),
    stride: small(3),
    dilation: small(2),
    inputDilation: small(2),
    before: small(2, 0),
    after: small(2, 0),
    extra: small(4, 0),
    end: small(2, 0),
  })
  .map((drawn) => ({ ...drawn, length: (drawn.kernel - 1) * drawn.dilation + 1 + drawn.extra }));

const geometries = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 2 }),
  samples: small(2),
  groups: small(2),
  channels: small(2),
  filters: small(2),
  padding: fc.constantFrom("valid", "same", "explicit"),
  spread: fc.boolean(),
});

type Geometry = typeof geometries extends fc.Arbitrary<infer T> ? T : never;

/** A convolution of this geometry and a transposed one. */
function casesOf({ axes, samples, groups, channels, filters, padding, spread }: Geometry) {
  const per = <T>(one: (drawn: (typeof axes)[number]) => T) => axes.map(one);
  const options: ConvOptions = {
    stride: per(({ stride }) => stride),
    dilation: per(({ dilation }) => dilation),
    groups,
    padding:
      padding === "explicit"
        ? per(({ before, after }): Widths => [before, after])
        : (padding as "valid" | "same"),
    ...(spread ? { inputDilation: per(({ inputDilation }) => inputDilation) } : {}),
  };
  const kernel = per((drawn) => drawn.kernel);
  return [
    convCase(
      [samples, groups * channels, ...per(({ length }) => length)],
      [groups * filters, channels, ...kernel],
      options,
    ),
    convTransposeCase(
      [samples, groups * channels, ...per(({ extra }) => 1 + (extra % 3))],
      [groups * channels, filters, ...kernel],
      {
        stride: options.stride,
        dilation: options.dilation,
        groups,
        // No more than the kernel reaches, and less than a step at the end.
        padding: per(
          ({ before, after, kernel: k }): Widths => [
            Math.min(before, Math.ceil(k / 2) - 1),
            Math.min(after, Math.floor(k / 2)),
          ],
        ),
        outputPadding: per(({ end, stride }) => end % stride),
      },
    ),
  ];
}

test("convolutions of random geometries and their derivatives, in both precisions", async () => {
  const property = fc.asyncProperty(
    fc.array(geometries, { minLength: 2, maxLength: 2 }),
    async (drawn) => {
      const cases = drawn.flatMap(casesOf);
      await checkTogether(cases);
      await checkPrecisions(cases);
    },
  );
  await fc.assert(property, { numRuns: 15, seed: 21 });
});
