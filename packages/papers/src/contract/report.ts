/**
 * What a run leaves behind: one JSON document that every program may read. The schema is what uploads
 * are held to, and `Report` is its type, so the two cannot differ.
 */
import { z } from "zod";
import { presetNames } from "./experiment.ts";

/** JSON has no NaN and no infinities: they are written as null and read as NaN. */
const number = z.union([
  z.number(),
  z.null().transform(() => Number.NaN),
  z.nan(),
  z.literal(Number.POSITIVE_INFINITY),
  z.literal(Number.NEGATIVE_INFINITY),
]);
const text = z.string().max(4000);
const id = z.string().min(1).max(200);
const list = <T extends z.ZodType>(of: T, longest: number) => z.array(of).max(longest).readonly();
const points = list(z.union([z.string().max(200), number]), 100_000);
const numbers = list(number, 100_000);
const series = z.string().max(200).optional();

const axis = z.object({ label: text, scale: z.enum(["linear", "log", "band"]).optional() });

const mark = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["line", "dots", "bars"]), series, x: points, y: numbers }),
  z.object({ type: z.enum(["band", "intervals"]), series, x: points, low: numbers, high: numbers }),
  z.object({ type: z.literal("rule"), series, x: number.optional(), y: number.optional() }),
  z.object({
    type: z.literal("heatmap"),
    values: list(numbers, 2000),
    columns: list(z.string().max(200), 2000).optional(),
    rows: list(z.string().max(200), 2000).optional(),
  }),
]);

export const figureSchema = z.object({
  id,
  title: text,
  caption: text.optional(),
  x: axis,
  y: axis,
  marks: list(mark, 200),
});

const picture = z.object({
  id,
  title: text,
  caption: text.optional(),
  png: z.base64().max(8_000_000),
});

const table = z.object({
  id,
  title: text,
  caption: text.optional(),
  columns: list(z.string().max(200), 200),
  rows: list(list(z.union([z.string().max(4000), z.number(), z.nan(), z.null()]), 200), 20_000),
});

const bar = z.union([
  z.object({ atLeast: z.number() }),
  z.object({ atMost: z.number() }),
  z.object({ between: z.tuple([z.number(), z.number()]).readonly() }),
]);

const claim = z.object({
  id,
  statement: text,
  paper: text,
  bar,
  samples: numbers,
  mean: number,
  interval: z.tuple([z.number(), z.number()]).readonly().nullable(),
  verdict: z.enum(["holds", "does not hold here", "inconclusive"]),
});

/** Where and with what a run was made; nothing in it may change a result. */
export const environmentSchema = z.object({
  etude: z.string().max(100),
  runtime: z.string().max(200),
  platform: z.string().max(200),
  processor: z.string().max(200),
  cores: z.int(),
  device: z.string().max(100),
});

const body = {
  schema: z.literal(1),
  paper: id,
  options: z.record(z.string().max(200), z.json()),
  tables: list(table, 200),
  figures: list(figureSchema, 200),
  pictures: list(picture, 200),
  findings: list(text, 200),
  environment: environmentSchema,
  /** ISO 8601, UTC. */
  finished: z.iso.datetime(),
  timings: list(z.object({ step: id, seconds: z.number() }), 20_000),
};

export const verifyReportSchema = z.object({
  kind: z.literal("verify"),
  ...body,
  preset: z.enum(presetNames),
  /** Whether options differ from those of the preset. */
  changed: z.boolean(),
  seeds: z.array(z.int()).min(1).max(1000).readonly(),
  claims: list(claim, 200),
  /** What each seed measured, in the order of `seeds`. */
  results: list(z.json(), 1000),
});

export const useReportSchema = z.object({
  kind: z.literal("use"),
  ...body,
  seed: z.int(),
  inputs: list(z.object({ name: id, file: text, describe: text }), 20),
  files: list(z.object({ name: id, describe: text, bytes: z.int() }), 200),
});

export const reportSchema = z.discriminatedUnion("kind", [verifyReportSchema, useReportSchema]);

export type RunEnvironment = z.infer<typeof environmentSchema>;
export type VerifyReport = z.infer<typeof verifyReportSchema>;
export type UseReport = z.infer<typeof useReportSchema>;
export type Report = z.infer<typeof reportSchema>;

/** The part of a report that the same options and seeds give again on the same machine, to the bit. */
export function reproducible(report: Report): Omit<Report, "environment" | "finished" | "timings"> {
  const { environment: _, finished: __, timings: ___, ...rest } = report;
  return rest;
}

/** A value as the JSON it is written as; NaN and the infinities become null. */
export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
type Json = z.infer<ReturnType<typeof z.json>>;

/** Options as the JSON they are written as. */
export function optionsAsJson(options: object): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, asJson(value)]),
  );
}
