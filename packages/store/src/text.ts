/**
 * What may be stored of texts that others wrote. Whoever reads them from the store need not fear
 * that they are endless, break PostgreSQL, or turn around the page they stand on; that they may hold
 * HTML is the business of who shows them.
 */

/**
 * Control characters other than white space (PostgreSQL refuses U+0000), and those of bidirectional
 * text, which may make what follows read backwards. Letters of right-to-left scripts are ordered
 * rightly without.
 */
const controls = /(?!\s)[\p{Cc}\p{Bidi_Control}]/gu;

/** Longest texts, in UTF-16 units; what is longer is cut and ends in "…". */
export const longest = {
  title: 1000,
  author: 300,
  /** Ten times the abstracts that arXiv takes. */
  abstract: 20_000,
  /** Addresses, DOIs, names of categories. */
  word: 500,
} as const;

/** Authors and categories of a paper that are kept, the first ones. */
export const most = { authors: 10_000, categories: 50 } as const;

/** A text of one line, well-formed, without controls, at most `length` long. */
export const cleanLine = (text: string, length: number): string =>
  cut(clean(text).replace(/\s+/gu, " ").trim(), length);

/** A text that may have several lines. */
export const cleanText = (text: string, length: number): string => cut(clean(text).trim(), length);

/** Texts in the millions of characters are cut before anything looks at each character. */
const clean = (text: string): string =>
  text.slice(0, 200_000).toWellFormed().replace(controls, "").normalize("NFC");

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not between the two halves of a character.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/**
 * A text in the one form in which words are compared: lower case, without accents and ligatures. The
 * same as the function `folded` of the database.
 */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[łøđı]/g, (letter) => plain[letter]);

const plain: Readonly<Record<string, string>> = { ł: "l", ø: "o", đ: "d", ı: "i" };
