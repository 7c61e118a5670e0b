/** The periods a feed can be asked for. */
export const periods = ["day", "week", "month", "all"] as const;
export type Period = (typeof periods)[number];

export const isPeriod = (text: string): text is Period =>
  (periods as readonly string[]).includes(text);
