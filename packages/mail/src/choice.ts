/** What a subscriber may choose, as it comes from a form. */
import { frequencies } from "@etude/store";
import { z } from "zod";
import { RequestError } from "./errors.ts";
import type { Choice } from "./templates/choice.ts";

const choiceSchema = z.object({
  frequency: z.enum(frequencies),
  topics: z
    .array(
      z
        .string()
        .min(1)
        .max(64)
        .regex(/^\P{C}+$/u),
    )
    .max(50)
    .transform((topics) => [...new Set(topics)].sort()),
});

/**
 * Checks a choice. Which topics there are is the site's to know; here they are only kept from being
 * absurd.
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
