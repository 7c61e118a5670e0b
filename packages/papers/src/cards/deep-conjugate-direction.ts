import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "deep-conjugate-direction",
  title: "A Deep Conjugate Direction Method for Iteratively Solving Linear Systems",
  authors: [
    "Ayano Kaneda",
    "Osman Akar",
    "Jingyu Chen",
    "Victoria Alicia Trevino Kala",
    "David Hyde",
    "Joseph Teran",
  ],
  year: 2023,
  venue: "ICML",
  arxiv: "2205.10763",
  code: "https://github.com/ayano721/2023_DCDM",
  summary:
    "A convolutional network, trained without labels, proposes search directions for a conjugate-direction solver of large sparse linear systems; exact line search on the true residual keeps the answer right whatever the network says. Good for solving one kind of grid equation many times while right-hand sides and obstacles change.",
  claim:
    "It needs far fewer iterations than conjugate gradients, nearly independent of the grid size, converges to any tolerance, and copes with obstacles never seen in training.",
  topics: ["inverse-problems", "efficiency"],
  uses: "Takes a sparse symmetric positive definite matrix on a structured grid, or a mask image of obstacles, and right-hand sides, and gives the solutions, residuals beside conjugate gradients, and the direction network as ONNX.",
  verifies:
    "Pressure equations on 32x32 and 64x64 grids, with and without an unseen disc: iterations to two tolerances against conjugate gradients (plain, preconditioned, deflated) and steepest descent, on 3 seeds.",
};
