/** Policies as files. */
import { DataError } from "@etude/data";
import { z } from "zod";
import type { OutputFile, UserInput } from "../../contract/use.ts";
import { type GuidancePolicy, stepKinds } from "../policy.ts";

const numbers = z.array(z.number());

const policySchema = z.discriminatedUnion("policy", [
  z.object({ policy: z.literal("fixed"), kinds: z.array(z.enum(stepKinds)) }),
  z.object({
    policy: z.literal("adaptive"),
    threshold: z.number(),
    firstCheck: z.int(),
    atTrigger: z.enum(["guided", "conditional"]),
    compare: z.enum(["prediction", "denoised"]),
  }),
  z.object({
    policy: z.literal("linear"),
    kinds: z.array(z.enum(stepKinds)),
    coefficients: z.object({
      steps: z.int(),
      sampler: z.string(),
      strength: z.number(),
      negative: z.string(),
      intercept: numbers,
      conditional: z.array(numbers),
      unconditional: z.array(numbers),
    }),
  }),
]);

const fileSchema = z.object({
  format: z.literal("etude guidance policy 1"),
  steps: z.int().min(2),
  strength: z.number().min(0),
  sampler: z.string(),
  policy: policySchema,
});

export type PolicyFile = z.infer<typeof fileSchema>;

export const writePolicy = (
  name: string,
  describe: string,
  file: Omit<PolicyFile, "format" | "policy"> & { readonly policy: GuidancePolicy },
): OutputFile => ({
  name,
  describe,
  bytes: new TextEncoder().encode(
    `${JSON.stringify({ format: "etude guidance policy 1", ...file }, null, 1)}\n`,
  ),
});

/** @throws DataError, in one line, for anything else than a policy */
export function readPolicy({ text, file }: Extract<UserInput, { kind: "text" }>): PolicyFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DataError("this is no policy: it is not JSON", { file });
  }
  const read = fileSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new DataError(
    `this is no policy: ${issue.path.join(".") || "the file"}: ${issue.message}`,
    {
      file,
    },
  );
}
