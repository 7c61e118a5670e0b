import { createHash } from "node:crypto";
import { reportHtml } from "@etude/papers/report";
import { findReport } from "@etude/store";
import { error } from "@sveltejs/kit";
import type { RequestHandler } from "./$types";

/** A report is a page of its own, with no script; its style sheets are allowed by their hashes. */
export const GET: RequestHandler = async ({ params, locals }) => {
  const found = await findReport(locals.site.store, params.id);
  if (found === undefined) error(404, "There is no such report. It may have been a mistyped link.");
  const html = await reportHtml(found.report, { json: `/reports/${params.id}/report.json` });
  const sheets = Array.from(html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g), ([, css]) => css);
  const hashes = new Set(
    sheets.map((css) => `'sha256-${createHash("sha256").update(css).digest("base64")}'`),
  );
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `style-src ${[...hashes].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy.join("; "),
      "Cache-Control": "public, max-age=3600",
    },
  });
};
