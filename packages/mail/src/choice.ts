/** What a subscriber may choose, as it comes from a form. */
import { isTopic } from "@etude/papers/cards";
import { frequencies } from "@etude/store";
import { z } from "zod";
import { RequestError } from "./errors.ts";
import type { Choice } from "./templates/choice.ts";

const choiceSchema = z.object({
  frequency: z.enum(frequencies),
  topics: z
    .array(z.string().refine(isTopic))
    .max(1000)
    .transform((topics) => [...new Set(topics)].sort()),
});

/**
 * Checks a choice. Topics are of the closed list only: they stand in the mail that asks for a
 * confirmation, and so go to people who may not have asked for it.
 *
 * @throws RequestError
 */
export function parseChoice(given: { frequency: string; topics: readonly string[] }): Choice {
  const choice = choiceSchema.safeParse(given);
  if (choice.success) return choice.data;
  const about = choice.error.issues[0].path[0];
  throw new RequestError(
    about === "frequency"
      ? "Choose between a daily and a weekly digest."
      : "These topics cannot be chosen.",
  );
}
