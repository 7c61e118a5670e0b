/** How foreign text is tamed and how things are said, the same in HTML and in plain text. */

/** Controls, line and paragraph separators, and the marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of printable text: no control characters, no turned direction, no runs of space. */
export const tidy = (text: string): string =>
  text.toWellFormed().replace(unprintable, " ").replace(/\s+/g, " ").trim();

/** Cut at the end of a word, with an ellipsis; `longest` in UTF-16 units, the ellipsis included. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const cut = text.slice(0, longest - 2);
  const end = cut.lastIndexOf(" ");
  return `${(end > longest / 2 ? cut.slice(0, end) : cut).toWellFormed().replace(/\ufffd$/, "")} …`;
}

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** As many whole sentences as fit, at least the beginning of the first. */
export function firstSentences(text: string, longest = 320): string {
  const whole = tidy(text);
  let taken = "";
  for (const { segment } of sentences.segment(whole)) {
    if ((taken + segment).trimEnd().length > longest) break;
    taken += segment;
  }
  return taken === "" ? shorten(whole, longest) : taken.trimEnd();
}

/** At most three names, and how many more. */
export function people(authors: readonly string[]): string {
  const names = authors.map(tidy);
  if (names.length <= 3) return names.join(", ");
  return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** "1 vote", "12 votes". */
export const counted = (count: number, thing: string): string =>
  `${count} ${thing}${count === 1 ? "" : "s"}`;

const longDay = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** "24 November 2026", in UTC. */
export const dated = (date: Date): string => longDay.format(date);
