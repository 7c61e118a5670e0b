/** Requests to a site of Etude in somebody's name. */
import { UsageError } from "@etude/papers/errors";
import { z } from "zod";

const answerSchema = z.record(z.string(), z.unknown());

/**
 * Posts JSON with the token of ETUDE_TOKEN.
 *
 * @throws UsageError where there is no token, no site, or it refuses
 */
export async function requestSite(
  site: string,
  path: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const token = process.env.ETUDE_TOKEN;
  if (!URL.canParse(site) || !/^https?:$/.test(new URL(site).protocol))
    throw new UsageError(`${site}: expected the address of a site, such as https://papers.example`);
  if (!token) throw new UsageError(`ETUDE_TOKEN is not set: the site's keeper gives tokens`);
  const answer = await fetch(new URL(path, site), {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new UsageError(`${site}: ${why}`);
  });
  const told = answerSchema.safeParse(await answer.json().catch(() => undefined));
  if (!answer.ok) {
    const why = told.success && typeof told.data.message === "string" ? told.data.message : "";
    throw new UsageError(`${site}: ${answer.status} ${why || answer.statusText}`);
  }
  if (!told.success) throw new UsageError(`${site}: it is no site of Etude`);
  return told.data;
}
