/**
 * What the page and its worker say to each other. Both sides check what they get: a page that was open
 * while the site was renewed may meet a worker of another build.
 */
import { figureSchema, reportSchema } from "@etude/papers/report/schema";
import { z } from "zod";
import type { PaperDescription } from "./describe.ts";

// The content security policy of the site forbids compiling code from text, which zod would try.
z.config({ jitless: true });

const name = z.string().min(1).max(200);
const count = z.int().min(0);
const options = z.record(name, z.json());

export const deviceSchema = z.enum(["wasm", "webgpu"]);

/** What a run of an experiment is, as the visitor asked for it. */
export const verifyRequestSchema = z.object({
  slug: name,
  preset: z.enum(["smoke", "quick", "full"]),
  /** Those of the preset where absent. */
  seeds: z.array(count).max(1000).readonly().optional(),
  /** Options that differ from those of the preset. */
  set: options,
  device: deviceSchema,
});

/** A file of the visitor; of a folder, with its path in it. */
const givenFile = z.object({ path: z.string().max(4000), file: z.instanceof(File) });

const job = z.discriminatedUnion("type", [
  z.object({ type: z.literal("describe"), slug: name }),
  /** Reads files, and keeps them in the worker for `use` under the name of the slot. */
  z.object({
    type: z.literal("read"),
    slug: name,
    slot: name,
    files: z.array(givenFile).min(1).readonly(),
    device: deviceSchema,
  }),
  /** The same with a table of the catalogue. */
  z.object({
    type: z.literal("example"),
    slug: name,
    slot: name,
    set: name,
    device: deviceSchema,
  }),
  z.object({ type: z.literal("forget"), slot: name }),
  z.object({
    type: z.literal("verify"),
    request: verifyRequestSchema,
    /** Whether to go on with what an earlier run of the same request has left. */
    resume: z.boolean(),
  }),
  z.object({
    type: z.literal("use"),
    slug: name,
    seed: z.int().min(0).max(4294967295),
    options,
    device: deviceSchema,
  }),
]);

export const toWorkerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("job"), id: count, job }),
  z.object({ type: z.literal("stop") }),
]);

const runEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("progress"),
    done: z.number(),
    total: z.number(),
    label: z.string(),
  }),
  z.object({
    type: z.literal("metric"),
    name: z.string(),
    step: z.number(),
    value: z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]),
  }),
  z.object({ type: z.literal("figure"), figure: figureSchema }),
  z.object({
    type: z.literal("picture"),
    picture: z.object({
      id: name,
      title: z.string(),
      caption: z.string().optional(),
      png: z.base64(),
    }),
  }),
  z.object({ type: z.literal("log"), message: z.string() }),
]);

const column = z.object({
  name: z.string(),
  kind: z.enum(["numeric", "categorical", "text"]),
  missing: count,
  distinct: count,
});

/** What was read from the visitor's files. */
const readSummary = z.object({
  slot: name,
  kind: z.enum(["table", "images", "arrays", "model", "text"]),
  file: z.string(),
  /** "178 rows, 14 columns" */
  describe: z.string(),
  /** Of a table. */
  columns: z.array(column).readonly(),
  /** Its first rows as texts; null where a value is missing. */
  head: z.array(z.array(z.string().nullable()).readonly()).readonly(),
});

/**
 * What went wrong, for a person.
 * - usage: an option or input that does not fit; - data: something in a file; - engine: the runtime or
 * the network; - internal: a mistake of ours.
 */
const failure = z.object({
  kind: z.enum(["usage", "data", "engine", "internal"]),
  message: z.string(),
  file: z.string().optional(),
  row: z.number().optional(),
  column: z.string().optional(),
});

const event = z.discriminatedUnion("type", [
  // Made by the same build from its own papers; pages only show it.
  z.object({ type: z.literal("described"), about: z.custom<PaperDescription>(isRecord) }),
  /** Something is on its way over the network. */
  z.object({ type: z.literal("loading"), label: z.string() }),
  /** The engine is here; nothing more is fetched but data sets of the catalogue. */
  z.object({ type: z.literal("ready"), device: z.string() }),
  z.object({ type: z.literal("read"), summary: readSummary }),
  /** Steps that are taken from an earlier run. */
  z.object({ type: z.literal("resumed"), steps: count }),
  z.object({ type: z.literal("run"), events: z.array(runEvent).readonly() }),
  z.object({
    type: z.literal("file"),
    name,
    describe: z.string(),
    bytes: z.instanceof(Uint8Array<ArrayBuffer>),
  }),
  z.object({ type: z.literal("report"), report: reportSchema }),
  // Every job ends with one of these.
  z.object({ type: z.literal("done") }),
  z.object({ type: z.literal("stopped") }),
  z.object({ type: z.literal("failed"), failure }),
]);

export const fromWorkerSchema = z.object({ id: count, event });

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

export { reportSchema };

export type ComputeDevice = z.infer<typeof deviceSchema>;
export type VerifyRequest = z.infer<typeof verifyRequestSchema>;
export type GivenFile = z.infer<typeof givenFile>;
export type Job = z.infer<typeof job>;
export type ToWorker = z.infer<typeof toWorkerSchema>;
export type FromWorker = z.infer<typeof fromWorkerSchema>;
export type WorkerEvent = FromWorker["event"];
export type ReadSummary = z.infer<typeof readSummary>;
export type Failure = z.infer<typeof failure>;
/** How a job ended. */
export type Ending = Extract<WorkerEvent, { type: "done" | "stopped" | "failed" }>;
