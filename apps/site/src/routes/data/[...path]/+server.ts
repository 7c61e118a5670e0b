import { dataSets } from "@etude/data";
import { nodeSource } from "@etude/data/files";
import { error } from "@sveltejs/kit";
import type { RequestHandler } from "./$types";

/** What is on this machine; a visitor cannot make it fetch anything. */
const source = nodeSource({ offline: true });
const files = new Map(
  dataSets().flatMap((set) => set.files.map((file) => [file.path, file] as const)),
);

/** A file of the catalogue, for experiments in the browser, which ask by HEAD what there is. */
export const GET: RequestHandler = async ({ params, request }) => {
  const file = files.get(params.path);
  if (file === undefined) error(404, "no data set has such a file");
  const etag = `"${file.sha256}"`;
  const headers = { ETag: etag, "Cache-Control": "public, max-age=86400" };
  if (request.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers });
  if ((await source.place(file)) === "missing")
    error(404, "this data set is not on the site's machine");
  if (request.method === "HEAD") return new Response(null, { headers });
  const bytes = await source.bytes(file);
  return new Response(bytes, {
    headers: { ...headers, "Content-Type": "application/octet-stream" },
  });
};

export const HEAD = GET;
