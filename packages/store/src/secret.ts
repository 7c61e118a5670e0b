import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { StoreError } from "./database.ts";

const file = "secret";
const bytes = 32;

/**
 * What signs the site's cookies and links: 32 bytes. `ETUDE_SECRET` gives them as 64 hexadecimal
 * digits, for several processes on several machines; otherwise they are drawn at the first start and
 * kept in the data folder, readable to its owner only.
 *
 * @param env where `ETUDE_SECRET` is looked for
 * @throws StoreError for a secret of another form
 */
export async function siteSecret(
  folder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Uint8Array> {
  if (env.ETUDE_SECRET) return parse(env.ETUDE_SECRET, "ETUDE_SECRET");
  await mkdir(folder, { recursive: true });
  const place = path.join(folder, file);
  await createOnce(place, `${randomBytes(bytes).toString("hex")}\n`);
  return parse(await readFile(place, "utf8"), place);
}

/** Write a file unless it is there; it is never seen half written. */
async function createOnce(place: string, content: string): Promise<void> {
  const draft = `${place}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, content, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft);
  }
}

function parse(text: string, source: string): Uint8Array {
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new StoreError(`${source} must hold ${2 * bytes} hexadecimal digits`);
  }
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
