import fc from "fast-check";
import { expect, test } from "vitest";
import { formatArxivId, parseArxivId } from "./arxivId.ts";
import { SourceError } from "./errors.ts";
import { anyText } from "./testing/anyText.ts";

test.each([
  ["2305.18502", "2305.18502"],
  ["2305.18502v3", "2305.18502v3"],
  [" \t2305.18502\n", "2305.18502"],
  ["arXiv:2305.18502", "2305.18502"],
  ["ARXIV: 2305.18502v2", "2305.18502v2"],
  ["arXiv:2305.18502v1 [cs.LG]", "2305.18502v1"],
  ["0704.0001", "0704.0001"],
  ["1412.9999v12", "1412.9999v12"],
  ["1501.00001", "1501.00001"],
  ["hep-th/9901001", "hep-th/9901001"],
  ["hep-th/9901001v2", "hep-th/9901001v2"],
  ["math.GT/0309136", "math/0309136"],
  ["Math.GT/0309136v1", "math/0309136v1"],
  ["cs/0703001", "cs/0703001"],
  ["https://arxiv.org/abs/2305.18502", "2305.18502"],
  ["http://arxiv.org/abs/2305.18502v2", "2305.18502v2"],
  ["http://arxiv.org/abs/hep-th/9901001v1", "hep-th/9901001v1"],
  ["arxiv.org/abs/2305.18502", "2305.18502"],
  ["https://www.arxiv.org/pdf/2305.18502.pdf", "2305.18502"],
  ["https://arxiv.org/pdf/2305.18502v4.pdf#page=3", "2305.18502v4"],
  ["https://arxiv.org/pdf/hep-th/9901001v1.pdf", "hep-th/9901001v1"],
  ["https://arxiv.org/html/2305.18502v1/", "2305.18502v1"],
  ["https://export.arxiv.org/abs/2305.18502?context=cs", "2305.18502"],
  ["HTTPS://ARXIV.ORG/abs/2305.18502", "2305.18502"],
  ["https://ar5iv.labs.arxiv.org/html/2305.18502", "2305.18502"],
  ["https://www.alphaxiv.org/abs/2305.18502v1", "2305.18502v1"],
  ["https://alphaxiv.org/overview/2305.18502", "2305.18502"],
  ["https://huggingface.co/papers/2305.18502", "2305.18502"],
  ["https://hf.co/papers/2305.18502", "2305.18502"],
  ["10.48550/arXiv.2305.18502", "2305.18502"],
  ["doi:10.48550/arXiv.2305.18502", "2305.18502"],
  ["https://doi.org/10.48550/arXiv.2305.18502", "2305.18502"],
  ["https://doi.org/10.48550/ARXIV.hep-th/9901001", "hep-th/9901001"],
])("%j is %s", (pasted, id) => expect(formatArxivId(parseArxivId(pasted))).toBe(id));

test.each([
  [""],
  ["   "],
  ["attention is all you need"],
  ["2305"],
  ["2305.185"],
  ["2305.1850"], // four digits after 2014
  ["1412.00001"], // five digits before 2015
  ["0703.0001"], // before the style began
  ["2313.18502"], // no such month
  ["2300.18502"],
  ["2305.18502v0"],
  ["2305.18502v"],
  ["2305.18502v1000"],
  ["2305.185021"],
  ["-2305.18502"],
  ["2305.18502 2305.18503"],
  ["２３０５.18502"],
  ["hep-th/0704001"], // after the style ended
  ["hep-th/9913001"],
  ["hep-xx/9901001"],
  ["hep-th/990100"],
  ["../2305.18502"],
  ["https://arxiv.org/"],
  ["https://arxiv.org/list/cs.LG/recent"],
  ["https://arxiv.org/abs/2305.18502/../../etc"],
  ["https://arxiv.org.example.com/abs/2305.18502"],
  ["https://example.com/abs/2305.18502"],
  ["https://example.com/?u=arxiv.org/abs/2305.18502"],
  ["https://huggingface.co/models/2305.18502"],
  ["ftp://arxiv.org/abs/2305.18502"],
  ["javascript:alert(1)//arxiv.org/abs/2305.18502"],
  ["10.1134/S0021364007210011"],
  ["x".repeat(1_000_000)],
  ["arXiv:".repeat(100_000)],
])("%.60j is none, and the error says what was expected", (pasted) => {
  expect(() => parseArxivId(pasted)).toThrow(SourceError);
  expect(() => parseArxivId(pasted)).toThrow(
    /^".{0,80}(\.\.\.)?" is neither an arXiv identifier nor the address of a paper on arXiv; try "2305/,
  );
});

const digits = (n: number, digits: number) => String(n).padStart(digits, "0");
const version = fc.option(fc.integer({ min: 1, max: 999 }), { nil: undefined });
const month = fc.integer({ min: 1, max: 12 }).map((n) => digits(n, 2));
const recent = fc
  .tuple(fc.integer({ min: 8, max: 99 }), month, fc.nat(9_999))
  .map(([year, month, n]) => `${digits(year, 2)}${month}.${digits(n, year < 15 ? 4 : 5)}`);
const old = fc
  .tuple(
    fc.constantFrom("hep-th", "math", "cs", "astro-ph", "quant-ph"),
    fc.constantFrom("91", "99", "00", "06"),
    month,
    fc.nat(999),
  )
  .map(([archive, year, month, n]) => `${archive}/${year}${month}${digits(n, 3)}`);
const arxivId = fc.record({ id: fc.oneof(recent, old), version });

test("whatever way an identifier is written, it is read as the same", () => {
  const forms: ((name: string) => string)[] = [
    (name) => name,
    (name) => `arXiv:${name}`,
    (name) => `  https://arxiv.org/abs/${name} `,
    (name) => `https://arxiv.org/pdf/${name}.pdf`,
    (name) => `https://arxiv.org/html/${name}?x=1#y`,
    (name) => `http://export.arxiv.org/abs/${name}/`,
    (name) => `https://www.alphaxiv.org/abs/${name}`,
    (name) => `https://huggingface.co/papers/${name}`,
    (name) => `https://doi.org/10.48550/arXiv.${name}`,
  ];
  fc.assert(
    fc.property(arxivId, fc.constantFrom(...forms), (meant, form) => {
      expect(parseArxivId(form(formatArxivId(meant)))).toEqual(
        meant.version === undefined ? { id: meant.id } : meant,
      );
    }),
  );
});

test("what is read has the form of an identifier; all else is a SourceError of one line", () => {
  const almost = fc
    .array(fc.oneof(fc.constantFrom(..."0123456789v./:- ", "arxiv", "hep-th", "abs", "https://")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(anyText, almost, fc.webUrl()), (pasted) => {
      try {
        const read = parseArxivId(pasted);
        expect(read.id).toMatch(/^(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})$/);
        expect(parseArxivId(formatArxivId(read))).toEqual(read);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        expect(error.message).not.toMatch(/[\r\n]/);
      }
    }),
    { numRuns: 1_000 },
  );
});
