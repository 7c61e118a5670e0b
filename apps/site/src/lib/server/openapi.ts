/** The API, described. Schemas are those that requests are held to. */
import { topics } from "@etude/papers/cards";
import { verifyReportSchema } from "@etude/papers/report/schema";
import { z } from "zod";
import { periods } from "#lib/periods.ts";
import { paperSchema } from "./publicPaper.ts";
import { runSchema } from "./publicRun.ts";
import { submissionSchema } from "./submission.ts";

const topic = z.enum(Object.keys(topics) as [string, ...string[]]);

const found = z.object({ papers: z.array(paperSchema) });
const paged = found.extend({ page: z.int(), pages: z.int(), total: z.int() });
const problem = z.object({ message: z.string() });

/** Numbers that JSON lacks are written as null, which is what is described. */
const schemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

const json = (schema: z.ZodType, description: string) => ({
  description,
  content: { "application/json": { schema: schemaOf(schema) } },
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
  schema: schemaOf(schema),
});

const body = (schema: z.ZodType, description: string) => ({
  required: true,
  description,
  content: { "application/json": { schema: schemaOf(schema) } },
});
const made = z.object({ id: z.string(), url: z.string() });
const writing = {
  ...refusals,
  "401": json(problem, "a token is missing, unknown or has expired"),
  "413": json(problem, "it is too large"),
  "415": json(problem, "it is not JSON"),
};
const idInPath = {
  name: "id",
  in: "path",
  required: true,
  description: "as it was given",
  schema: { type: "string" },
};

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
    "/api/v1/reports": {
      post: {
        summary: "Show a report of verify",
        description: "With a token it is listed among the reproductions of its paper.",
        security: [{}, { token: [] }],
        requestBody: body(verifyReportSchema, "report.json of etude verify"),
        responses: { "201": json(made, "where it is shown"), ...writing },
      },
    },
    "/api/v1/runs": {
      post: {
        summary: "Run an experiment on this site's machines",
        description: "One job for each setting and seed; each is a use of the token.",
        security: [{ token: [] }],
        requestBody: body(submissionSchema, "what to run"),
        responses: { "202": json(made, "where it can be watched"), ...writing },
      },
    },
    "/api/v1/runs/{id}": {
      get: {
        summary: "How a run is getting on",
        parameters: [idInPath],
        responses: {
          "200": json(runSchema, "its jobs and reports"),
          "404": json(problem, "there is none"),
          ...refusals,
        },
      },
    },
  },
  components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
});
