/** Requests as nobody should send them, to every public address of the site. */
import fc from "fast-check";

export interface FuzzRequest {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Documents to begin from: what these addresses take. */
export interface Material {
  readonly report: unknown;
  readonly token: string;
  readonly ids: readonly string[];
}

const odd = fc.constantFrom(
  "",
  "%",
  "%00",
  "%ff%fe",
  "..%2f..%2fetc%2fpasswd",
  "../../etc/passwd",
  "a".repeat(3000),
  "%F0%9F%A6%8A",
  "'; drop table papers; --",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "gbnn",
  "data-diet",
  "2405.00001",
  "hep-th/9901001",
);
const text = fc.oneof(
  odd,
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.webSegment(),
);
/** Encoded, or as it is: servers meet both. */
const part = fc.oneof(
  text.map((each) => encodeURIComponent(each.toWellFormed())),
  odd.map((each) => each.replace(/[^!-~]/g, "")),
);
const id = (known: readonly string[]) => fc.oneof(fc.constantFrom(...known), part);

const query = (...names: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...names, "x"), part), { maxLength: 4 })
    .map((pairs) =>
      pairs.length === 0 ? "" : `?${pairs.map((pair) => pair.join("=")).join("&")}`,
    );

const join = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((each) => (typeof each === "string" ? fc.constant(each) : each)))
    .map((all) => all.join(""));

const targets = (ids: readonly string[]) =>
  fc.oneof(
    join("/", query("period", "topic", "page")),
    join("/papers/", id(["gbnn", "odice"]), fc.constantFrom("", "/read", "/verify", "/use", "/x")),
    join("/search", query("q", "page")),
    join("/api/v1/search", query("q", "limit")),
    join("/api/v1/papers", query("period", "topic", "page")),
    join("/api/v1/papers/", part),
    join("/api/v1/runs/", id(ids)),
    join("/runs/", id(ids), fc.constantFrom("", "/__data.json", "/x")),
    join("/reports/", id(ids), fc.constantFrom("", "/report.json")),
    join("/feeds/", fc.constantFrom("rss.xml", "atom.xml", "feed.json", "x"), query("topic")),
    join("/subscribe/", fc.constantFrom("confirm", "manage", "unsubscribe"), "/", part),
    join("/data/", part),
    join("/dev/mail/", part, fc.constantFrom("", "/html")),
    join("/_app/", part),
    fc.constantFrom("/claims", "/runs", "/about", "/submit", "/subscribe", "/api/v1/openapi.json"),
    join("/", part),
  );

const headerValue = fc.string({ maxLength: 80 }).map((each) => each.replace(/[^ -~]/g, "?").trim());
const headers = fc.dictionary(
  fc.constantFrom(
    "accept",
    "accept-language",
    "cookie",
    "if-none-match",
    "if-modified-since",
    "origin",
    "referer",
    "range",
    "content-type",
    "authorization",
    "x-forwarded-host",
    "x-sveltekit-action",
  ),
  headerValue,
  { maxKeys: 3 },
);

/** A document with one of its places changed. */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      null,
      -1,
      1e308,
      2 ** 53,
      "",
      "\u0000",
      "\ud800",
      [],
      {},
      JSON.parse('{"__proto__":{"x":1}}'),
      "x".repeat(10_000),
      Array(5000).fill(0),
    ),
  );
  return fc.tuple(fc.infiniteStream(fc.nat()), value, fc.nat(3)).map(([draws, given, kind]) => {
    const draw = (below: number) => draws.next().value % below;
    const change = (place: unknown): unknown => {
      if (typeof place !== "object" || place === null || draw(4) === 0) return given;
      const entries = Object.entries(place);
      if (entries.length === 0) return given;
      const [name, below] = entries[draw(entries.length)];
      const copy = Array.isArray(place) ? [...place] : { ...place };
      if (kind === 0) delete (copy as Record<string, unknown>)[name];
      else (copy as Record<string, unknown>)[kind === 1 ? `${name}x` : name] = change(below);
      return copy;
    };
    return change(document);
  });
}

const submission = {
  paper: "data-diet",
  preset: "smoke",
  seeds: [0],
  set: { keep: [0.5] },
  grid: { batchSize: [16, 32] },
  priority: 0,
  minutes: 5,
  megabytes: 1000,
};

function posts({ report, token }: Material): fc.Arbitrary<FuzzRequest> {
  const authorization = fc.constantFrom<Record<string, string>>(
    {},
    { authorization: `Bearer ${token}` },
    { authorization: "Bearer etude_wrong" },
    { authorization: "Basic eDp5" },
  );
  const sent = (target: string, document: unknown): fc.Arbitrary<FuzzRequest> =>
    fc
      .tuple(
        fc.oneof(
          mutated(document).map((each) => JSON.stringify(each)),
          fc.json(),
          fc.string({ maxLength: 200 }),
          fc.constant("[".repeat(50_000)),
        ),
        authorization,
        fc.constantFrom("application/json", "application/json", "text/plain", ""),
      )
      .map(([body, who, type]) => ({
        method: "POST",
        target,
        headers: { ...who, ...(type !== "" && { "content-type": type }) },
        body,
      }));
  const form = (target: string, ...names: readonly string[]): fc.Arbitrary<FuzzRequest> =>
    fc
      .tuple(fc.array(fc.tuple(fc.constantFrom(...names), part), { maxLength: 6 }), fc.boolean())
      .map(([pairs, own]) => ({
        method: "POST",
        target,
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          ...(own && { origin: "OWN" }),
        },
        body: pairs.map((pair) => pair.join("=")).join("&"),
      }));
  return fc.oneof(
    { weight: 3, arbitrary: sent("/api/v1/reports", report) },
    { weight: 3, arbitrary: sent("/api/v1/runs", submission) },
    form("/submit", "paper", "x"),
    form("/subscribe", "email", "frequency", "topic", "x"),
    form("/?/vote", "paper", "want", "from"),
    form("/subscribe/unsubscribe/abc", "List-Unsubscribe", "x"),
    form("/subscribe/confirm/abc", "x"),
    form("/subscribe/manage/abc?/save", "frequency", "topic", "x"),
  );
}

export const requests = (material: Material): fc.Arbitrary<FuzzRequest> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.constantFrom("GET", "GET", "HEAD", "OPTIONS", "PUT", "DELETE"),
          targets(material.ids),
          headers,
        )
        .map(([method, target, given]) => ({ method, target, headers: given })),
    },
    { weight: 2, arbitrary: posts(material) },
  );
