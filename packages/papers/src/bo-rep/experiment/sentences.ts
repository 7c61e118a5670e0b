/** Texts with labels that need no file: for small runs of label cleaning. */
import type { TextData } from "@etude/data";
import { array, random } from "@etude/tensor";

/** The name under which the experiment takes them instead of a set of the catalogue. */
export const sentences = "sentences";

const subjects = [
  "the river",
  "a child",
  "my neighbour",
  "the old clock",
  "this road",
  "her letter",
];
const verbs = {
  praise: ["shines", "pleases", "delights", "comforts"],
  blame: ["fails", "annoys", "disappoints", "tires"],
} as const;
const endings = ["every morning", "in the end", "without a sound", "by the sea", "again"];

/** Sentences whose verb decides their class. */
export function madeSentences(count: number, seed: number): TextData {
  const draw = random.generator(seed);
  const one = <T>(of: readonly T[]): T => of[draw.integer(of.length)];
  const classes = ["praise", "blame"] as const;
  const targets = Int32Array.from({ length: count }, () => draw.integer(2));
  const texts = Array.from(
    targets,
    (k) => `${one(subjects)} ${one(verbs[classes[k]])} ${one(endings)}`,
  );
  return { name: sentences, texts, targets: array(targets), classes };
}
