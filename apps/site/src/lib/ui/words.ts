/** How things are said on pages. */

const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

export const dated = (date: Date): string => day.format(date);

/** At most three names, and how many more. */
export function people(authors: readonly string[]): string {
  if (authors.length <= 3) return authors.join(", ");
  return `${authors.slice(0, 3).join(", ")} and ${authors.length - 3} more`;
}

/** Our summary, or the beginning of the abstract up to the end of a word. */
export function excerpt(
  { summary, abstract }: { summary: string | null; abstract: string | null },
  longest = 320,
): string {
  if (summary !== null) return summary;
  const text = (abstract ?? "").replace(/\s+/g, " ").trim();
  if (text.length <= longest) return text;
  const cut = text.slice(0, longest);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), longest - 40))} …`;
}

/** "3 of 10 jobs done, 2 running, 5 waiting" */
export function jobsInWords(
  counts: Readonly<Record<"waiting" | "running" | "done" | "dead" | "cancelled", number>>,
): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { done, running, waiting, dead, cancelled } = counts;
  if (done === total) return total === 1 ? "the job is done" : `all ${total} jobs are done`;
  const others = [
    [running, "running"],
    [waiting, "waiting"],
    [dead, "failed"],
    [cancelled, "cancelled"],
  ] as const;
  const said = others.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
  return [`${done} of ${total} ${total === 1 ? "job" : "jobs"} done`, ...said].join(", ");
}
