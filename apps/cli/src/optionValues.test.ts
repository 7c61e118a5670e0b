import { describe, expect, it } from "vitest";
import { z } from "zod";
import { paperFlags, paperOptions } from "./optionFlags.ts";
import { describeValue, optionSchemas, parseValue } from "./optionValues.ts";
import { parseSettings } from "./settings.ts";
import { arithmetic } from "./testing/arithmetic.ts";

const schemas = optionSchemas(
  z.object({
    units: z.int().min(1).max(9),
    rate: z.number().gt(0).lt(1),
    solver: z.enum(["adam", "lbfgs"]).default("adam"),
    batch: z.union([z.int().min(1), z.literal("all")]),
    early: z.boolean(),
    rates: z.array(z.number().min(0)),
    names: z.array(z.string()),
    limit: z.number().nullable(),
    extra: z.object({ a: z.number() }),
    name: z.string().optional(),
  }),
);
const parse = (name: string, text: string) => parseValue(text, schemas[name], `${name} ${text}`);

describe("the value of an option", () => {
  it("is read as its schema says", () => {
    expect(parse("units", "3")).toBe(3);
    expect(parse("rate", "1e-3")).toBe(0.001);
    expect(parse("solver", "lbfgs")).toBe("lbfgs");
    expect(parse("batch", "32")).toBe(32);
    expect(parse("batch", "all")).toBe("all");
    expect(parse("early", "no")).toBe(false);
    expect(parse("rates", "0.1, 0.5")).toEqual([0.1, 0.5]);
    expect(parse("rates", "[0.1,0.5]")).toEqual([0.1, 0.5]);
    expect(parse("rates", "")).toEqual([]);
    expect(parse("names", "a,b")).toEqual(["a", "b"]);
    expect(parse("names", '["a,b","c"]')).toEqual(["a,b", "c"]);
    expect(parse("limit", "none")).toBeNull();
    expect(parse("extra", '{"a":1}')).toEqual({ a: 1 });
    expect(parse("name", "07")).toBe("07");
  });

  it.each([
    ["units", "3.5", "a whole number from 1 to 9"],
    ["units", "0", "a whole number from 1 to 9"],
    ["units", "", "a whole number from 1 to 9"],
    ["rate", "1", "a number above 0 and below 1"],
    ["rate", "NaN", "a number above 0 and below 1"],
    ["solver", "sgd", "adam or lbfgs"],
    ["batch", "0", "a whole number of at least 1 or all"],
    ["early", "perhaps", "true or false"],
    ["rates", "0.1,x", "a list with commas, each a number of at least 0"],
    ["limit", "low", "a number or none"],
    ["extra", "{", "an object in JSON"],
  ])("%s %j is refused with what is expected", (name, text, expected) => {
    expect(() => parse(name, text)).toThrow(`${name} ${text}: expected ${expected}`);
    expect(describeValue(schemas[name])).toBe(expected);
  });
});

describe("settings", () => {
  it("may be written in either spelling, and hold an equals sign", () => {
    const options = { unitsPerStep: { type: "integer" }, name: { type: "string" } };
    expect(parseSettings(["units-per-step=2", "name=a=b"], options)).toEqual({
      unitsPerStep: 2,
      name: "a=b",
    });
    expect(parseSettings(["unitsPerStep=2"], options)).toEqual({ unitsPerStep: 2 });
    expect(() => parseSettings(["unitsPerStep=2", "units-per-step=3"], options)).toThrow(/twice/);
    expect(() => parseSettings(["unit-per-step=2"], options)).toThrow(/mean unitsPerStep\?/);
    expect(() => parseSettings(["name"], options)).toThrow(/expected name=value/);
    expect(() => parseSettings(["toString=1"], options)).toThrow(/no such option/);
  });
});

describe("the flags of a paper", () => {
  it("are its inputs and options, with defaults and forms in the help", () => {
    const flags = paperFlags(arithmetic);
    expect(Object.keys(flags)).toEqual([
      "data",
      "model",
      "predict",
      "arrays",
      "target",
      "times",
      "rates",
      "way",
      "shuffle",
    ]);
    expect(flags.data.describe).toContain("(required)");
    expect(flags.times).toMatchObject({ otherwise: "1" });
    expect(flags.way).toMatchObject({ choices: ["plain", "fancy"], otherwise: "plain" });
    expect(flags.shuffle.describe).toContain("--no-shuffle");
  });

  it("give the options that were given, and name the flag that is wrong", () => {
    const given = { target: "x", times: "3", rates: ["0.1", "0.2,0.3"], shuffle: false };
    expect(paperOptions(arithmetic.use, given)).toEqual({
      target: "x",
      times: 3,
      rates: [0.1, 0.2, 0.3],
      shuffle: false,
    });
    expect(() => paperOptions(arithmetic.use, {})).toThrow("--target is missing");
    expect(() => paperOptions(arithmetic.use, { target: "x", times: "10" })).toThrow(
      "--times 10: expected a whole number from 1 to 9",
    );
  });

  it("must not take the name of another flag", () => {
    const { use } = arithmetic;
    const clash = { ...use, options: z.object({ out: z.string() }) };
    expect(() => paperFlags({ ...arithmetic, use: clash })).toThrow(/--out is taken/);
  });
});
