import { z } from "zod";
import type { Endpoint } from "./endpoint.ts";
import type { Papers } from "./paper.ts";
import type { Validators } from "./safeFetch.ts";

/** What is kept of a page that was read, to ask later whether it changed. */
export const seenPage = z.object({
  etag: z.string().max(1_000).optional(),
  lastModified: z.string().max(100).optional(),
  /** Where the page after it started; null after the last. */
  next: z.int().min(0).nullable(),
});
export type SeenPage = Readonly<z.infer<typeof seenPage>>;

/** Pages read before, by their addresses. */
export type SeenPages = Readonly<Record<string, SeenPage>>;

/** One page of a list. */
export interface Page extends Papers {
  readonly url: string;
  /** The page is as it was when it was last read, and its papers are left out. */
  readonly unchanged: boolean;
  /** Where the next page starts; null after the last. */
  readonly next: number | null;
  readonly validators: Validators;
}

/** What a page's text says. */
export type PageContent = Papers & Pick<Page, "next">;

/** Ask for a page, or whether it changed where it is one of those seen. */
export async function readPage(
  endpoint: Endpoint,
  url: string,
  read: (text: string, host: string) => PageContent,
  { seen = {}, signal }: { seen?: SeenPages; signal?: AbortSignal },
): Promise<Page> {
  const { next = null, ...validators } = seen[url] ?? {};
  const answer = await endpoint.ask(url, read, { validators, signal });
  if (answer.unchanged) return { url, unchanged: true, next, papers: [], skipped: [], validators };
  return { url, unchanged: false, ...answer.content, validators: answer.validators };
}
