import { expect, it } from "vitest";
import { bibtex } from "./bibtex.ts";

it("writes an entry", () => {
  expect(
    bibtex({
      title: "Sequential Training of Neural Networks",
      authors: ["Seyedsaman Emami", "Gonzalo Martínez-Muñoz"],
      year: 2023,
      venue: "IEEE Access",
      arxiv: "1909.12098",
      doi: "10.1109/ACCESS.2023.3271515",
    }),
  ).toBe(`@article{emami2023sequential,
  title = {{Sequential Training of Neural Networks}},
  author = {Seyedsaman Emami and Gonzalo Martínez-Muñoz},
  year = {2023},
  journal = {IEEE Access},
  doi = {10.1109/ACCESS.2023.3271515},
  eprint = {1909.12098},
  archiveprefix = {arXiv}
}`);
});

it("escapes what TeX would obey", () => {
  const entry = bibtex({
    title: "100% \\input{/etc/passwd} of $x_i$ & {more}\n}",
    authors: [],
    year: 2024,
    venue: null,
    arxiv: null,
    doi: null,
  });
  expect(entry).toContain(
    "title = {{100\\% \\textbackslash{}input\\{/etc/passwd\\} of \\$x\\_i\\$ \\& \\{more\\} \\}}}",
  );
  expect(entry.startsWith("@misc{anonymous2024input,")).toBe(true);
});
