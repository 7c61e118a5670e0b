import { atomType, type Reply, send, status } from "./server.ts";

/** An entry of arXiv's feed. */
export interface TestEntry {
  /** As in `http://arxiv.org/abs/2405.00001v1`, from "2405" on. */
  id: string;
  title?: string;
  summary?: string;
  published?: string;
  updated?: string;
  authors?: string[];
  categories?: string[];
  doi?: string;
  comment?: string;
}

export const escapeXml = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** An entry with the elements, prefixes and line breaks of the real API. */
export function entryXml(entry: TestEntry): string {
  const { id, title = `Paper ${id}`, summary = "  We study\nthis & that.\n" } = entry;
  const { published = "2024-05-01T12:00:00Z", updated = published } = entry;
  const { authors = ["Ada Lovelace"], categories = ["cs.LG"], doi, comment } = entry;
  const scheme = 'scheme="http://arxiv.org/schemas/atom"';
  const arxiv = 'xmlns:arxiv="http://arxiv.org/schemas/atom"';
  return `
  <entry>
    <id>http://arxiv.org/abs/${escapeXml(id)}</id>
    <updated>${updated}</updated>
    <published>${published}</published>
    <title>${escapeXml(title)}</title>
    <summary>${escapeXml(summary)}</summary>
    ${authors.map((name) => `<author>\n      <name>${escapeXml(name)}</name>\n    </author>`).join("\n    ")}
    ${comment === undefined ? "" : `<arxiv:comment ${arxiv}>${escapeXml(comment)}</arxiv:comment>`}
    ${doi === undefined ? "" : `<arxiv:doi ${arxiv}>${escapeXml(doi)}</arxiv:doi>`}
    <link href="http://arxiv.org/abs/${escapeXml(id)}" rel="alternate" type="text/html"/>
    <arxiv:primary_category ${arxiv} term="${categories[0] ?? ""}" ${scheme}/>
    ${categories.map((term) => `<category term="${term}" ${scheme}/>`).join("\n    ")}
  </entry>`;
}

/** A feed around entries, in XML already or not. */
export function feedXml(
  entries: readonly (TestEntry | string)[],
  { total = entries.length, start = 0 }: { total?: number; start?: number } = {},
): string {
  const opensearch = 'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"';
  const xml = entries.map((entry) => (typeof entry === "string" ? entry : entryXml(entry)));
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query%3D" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list=</title>
  <id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
  <updated>2024-05-02T00:00:00-04:00</updated>
  <opensearch:totalResults ${opensearch}>${total}</opensearch:totalResults>
  <opensearch:startIndex ${opensearch}>${start}</opensearch:startIndex>
  <opensearch:itemsPerPage ${opensearch}>${entries.length}</opensearch:itemsPerPage>${xml.join("")}
</feed>
`;
}

export const errorEntry = (summary: string): string => `
  <entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_x</id>
    <title>Error</title>
    <summary>${summary}</summary>
    <updated>2024-05-02T00:00:00-04:00</updated>
    <author><name>arXiv api core</name></author>
  </entry>`;

/**
 * Answers as arXiv's API does: `id_list`, or `search_query` of categories and submission dates in
 * ascending order, with paging.
 *
 * @param entries what it has; read at each request
 */
export const arxivApi =
  (entries: readonly TestEntry[]): Reply =>
  (request, response) => {
    const query = new URL(request.url ?? "", "http://arxiv.test").searchParams;
    const found = query.has("id_list") ? byIds(entries, query) : bySearch(entries, query);
    if (found === undefined) return status(400)(request, response);
    const start = Number(query.get("start") ?? 0);
    const page = found.slice(start, start + Number(query.get("max_results") ?? 10));
    send(atomType, feedXml(page, { total: found.length, start }))(request, response);
  };

function byIds(entries: readonly TestEntry[], query: URLSearchParams): TestEntry[] {
  const ids = (query.get("id_list") ?? "").split(",");
  return entries.filter(({ id }) => ids.includes(id) || ids.includes(id.replace(/v\d+$/, "")));
}

function bySearch(entries: readonly TestEntry[], query: URLSearchParams): TestEntry[] | undefined {
  const form = /^\(([^)]*)\) AND submittedDate:\[(\d{12}) TO (\d{12})\]$/;
  const [, any, from, to] = form.exec(query.get("search_query") ?? "") ?? [];
  const isAscending =
    query.get("sortBy") === "submittedDate" && query.get("sortOrder") === "ascending";
  if (any === undefined || from === undefined || to === undefined || !isAscending) return undefined;
  const wanted = any.split(" OR ").map((term) => term.replace("cat:", ""));
  const submitted = ({ published = "2024-05-01T12:00:00Z" }: TestEntry) =>
    published.replace(/\D/g, "").slice(0, 12);
  return entries
    .filter((entry) => submitted(entry) >= from && submitted(entry) <= to)
    .filter(({ categories = ["cs.LG"] }) => wanted.some((term) => categories.includes(term)))
    .sort((a, b) => (submitted(a) < submitted(b) ? -1 : 1));
}
