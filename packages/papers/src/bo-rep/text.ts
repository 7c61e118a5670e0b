/** Texts as rows of symbols. */
import { NDArray } from "@etude/tensor";

/** Symbols of a vocabulary: 0 is padding, 1 any word that is not in it. */
export interface Vocabulary {
  /** From symbol 2 on, the most frequent first. */
  readonly words: readonly string[];
}

const reserved = 2;

export const symbolsOf = ({ words }: Vocabulary): number => words.length + reserved;

/** Words in lower case, numbers, and single signs. */
export const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];

/** The most frequent words of the texts; of words as frequent, those first in the alphabet. */
export function vocabularyOf(texts: readonly string[], mostSymbols: number): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, Math.max(0, mostSymbols - reserved))
    .map(([word]) => word);
  return { words };
}

/** int32 [texts, length]: the first words of each text, padded with 0. */
export function encodeTexts(
  vocabulary: Vocabulary,
  texts: readonly string[],
  length: number,
): NDArray {
  const places = new Map(vocabulary.words.map((word, i) => [word, i + reserved]));
  const data = new Int32Array(texts.length * length);
  texts.forEach((text, row) => {
    wordsOf(text)
      .slice(0, length)
      .forEach((word, t) => {
        data[row * length + t] = places.get(word) ?? 1;
      });
  });
  return new NDArray(data, [texts.length, length], "int32");
}
