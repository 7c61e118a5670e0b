/** The read API, described. Schemas of reports are those that uploads are held to. */
import { topics } from "@etude/papers/cards";
import { z } from "zod";
import { periods } from "#lib/periods.ts";
import { paperSchema } from "./publicPaper.ts";

const topic = z.enum(Object.keys(topics) as [string, ...string[]]);

const found = z.object({ papers: z.array(paperSchema) });
const paged = found.extend({ page: z.int(), pages: z.int(), total: z.int() });
const problem = z.object({ message: z.string() });

const json = (schema: z.ZodType, description: string) => ({
  description,
  content: { "application/json": { schema: z.toJSONSchema(schema, { io: "input" }) } },
});
const refusals = {
  "400": json(problem, "a parameter is not as it should be"),
  "429": json(problem, "too many requests from one address"),
};
const query = (name: string, schema: z.ZodType, description: string, required = false) => ({
  name,
  in: "query",
  required,
  description,
  schema: z.toJSONSchema(schema, { io: "input" }),
});

export const openapi = (base: string) => ({
  openapi: "3.1.0",
  info: {
    title: "Etude",
    version: "1",
    description: "Papers that can be read, verified and used; feeds, search and reports.",
  },
  servers: [{ url: base }],
  paths: {
    "/api/v1/papers": {
      get: {
        summary: "Papers by rank",
        parameters: [
          query("period", z.enum(periods), "papers listed in it; all by default"),
          query("topic", topic, "papers on it"),
          query("page", z.int().min(1), "from 1"),
        ],
        responses: { "200": json(paged, "a page of papers"), ...refusals },
      },
    },
    "/api/v1/search": {
      get: {
        summary: "Papers by words",
        parameters: [
          query("q", z.string().max(200), "words of titles, authors and summaries", true),
          query("limit", z.int().min(1).max(50), "20 by default"),
        ],
        responses: { "200": json(found, "papers, the best first"), ...refusals },
      },
    },
    "/api/v1/papers/{key}": {
      get: {
        summary: "A paper",
        parameters: [
          {
            name: "key",
            in: "path",
            required: true,
            description: "its slug or arXiv number",
            schema: { type: "string" },
          },
        ],
        responses: {
          "200": json(paperSchema, "the paper"),
          "404": json(problem, "there is none"),
          ...refusals,
        },
      },
    },
  },
});
