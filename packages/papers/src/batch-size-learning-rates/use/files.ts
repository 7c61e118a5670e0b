/** What is kept: tables as CSV, everything as JSON. */
import type { OutputFile } from "../../contract/use.ts";
import type { UseOptions } from "./options.ts";
import { carriedOver, type Findings, tightest } from "./report.ts";

type Cell = string | number | null;

function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): Uint8Array {
  const cell = (value: Cell): string =>
    value === null || (typeof value === "number" && !Number.isFinite(value)) ? "" : String(value);
  const lines = [columns.join(","), ...rows.map((row) => row.map(cell).join(","))];
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

export function filesOf(found: Findings, options: UseOptions): OutputFile[] {
  const { measured, spectra, epochs, swept } = found;
  const sweptAt = (batchSize: number, optimiser: "sgd" | "adam"): Cell =>
    swept.find((each) => each.batchSize === batchSize && each.optimiser === optimiser)
      ?.learningRate ?? null;
  const files: OutputFile[] = [
    {
      name: "learning-rates.csv",
      describe:
        "the largest stable learning rate at every batch size and moment, with the eigenvalues it comes from",
      bytes: csv(
        [
          "moment",
          "batch_size",
          "effective_batch_size",
          "sgd_rate",
          "sgd_rate_predicted",
          "adam_rate",
          "hessian_eigenvalue",
          "hessian_stderr",
          "hessian_directional",
          "hessian_with_gaps",
          "hessian_isotropic",
          "gauss_newton_eigenvalue",
          "gauss_newton_stderr",
          "gauss_newton_directional",
          "gauss_newton_isotropic",
          "preconditioned_eigenvalue",
          "preconditioned_stderr",
          ...(swept.length > 0 ? ["sgd_rate_by_training", "adam_rate_by_training"] : []),
        ],
        measured.flatMap(({ label, at }) =>
          at.batches.map((batch): Cell[] => [
            label,
            batch.batchSize,
            batch.effective,
            batch.sgdRate,
            batch.sgdPredicted,
            batch.adamRate,
            batch.hessian.mean,
            batch.hessian.stderr,
            batch.directional,
            batch.withGaps,
            batch.isotropic,
            batch.gaussNewton.mean,
            batch.gaussNewton.stderr,
            batch.gaussNewtonDirectional,
            batch.gaussNewtonIsotropic,
            batch.preconditioned.mean,
            batch.preconditioned.stderr,
            ...(swept.length > 0
              ? [sweptAt(batch.batchSize, "sgd"), sweptAt(batch.batchSize, "adam")]
              : []),
          ]),
        ),
      ),
    },
    {
      name: "spectra.csv",
      describe:
        "spectra as weighted eigenvalues (weights of a spectrum add up to 1), of all examples and of a batch",
      bytes: csv(
        ["matrix", "examples", "eigenvalue", "weight"],
        spectra.flatMap(({ matrix, examples, nodes, weights }) =>
          nodes.map((node, k): Cell[] => [matrix, examples, node, weights[k]]),
        ),
      ),
    },
    {
      name: "curvature.json",
      describe: "all of it, with the noise of batches, for programs",
      bytes: new TextEncoder().encode(
        `${JSON.stringify({ ...found, tightest: tightest(found), carriedOver: carriedOver(found, options) }, null, 1)}\n`,
      ),
    },
  ];
  if (epochs.length === 0) return files;
  const schedule = csv(
    ["epoch", "learning_rate", "momentum", "loss", "greatest", "least", "floor"],
    epochs.map((epoch): Cell[] => [
      epoch.epoch,
      epoch.learningRate,
      epoch.momentum,
      epoch.loss,
      epoch.greatest,
      epoch.least,
      epoch.floor,
    ]),
  );
  return [
    ...files,
    { name: "training.csv", describe: "what training did, epoch by epoch", bytes: schedule },
  ];
}
