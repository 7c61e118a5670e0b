import { environmentSchema } from "@etude/papers/report/schema";
import { expect, test } from "vitest";
import { browserEnvironment, browserName } from "./environment.ts";

test.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.7390.37 Safari/537.36",
    "Chromium 141",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Edge 141",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox 144"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Safari 26",
  ],
  ["something else", "an unknown browser"],
])("%s is %s", (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

test("an environment is one that reports may carry", () => {
  const environment = browserEnvironment(
    { userAgent: "", platform: "", cores: 8 },
    "wasm, 8 threads",
  );
  expect(environmentSchema.parse(environment)).toEqual(environment);
});
