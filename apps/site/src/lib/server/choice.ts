/** The part of a form that says how often and about what. */
import { isTopic } from "@etude/papers/cards";

export const choiceOf = (form: FormData): { frequency: string; topics: string[] } => ({
  frequency: String(form.get("frequency") ?? ""),
  topics: form
    .getAll("topic")
    .map(String)
    .filter((topic) => isTopic(topic)),
});
