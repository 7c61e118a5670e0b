/** What else was seen, in sentences made of the results. */
import type { Options } from "./options.ts";
import type { Result } from "./result.ts";

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function findings(results: readonly Result[], options: Options): string[] {
  return [
    ...unconverged(results, options),
    ...linear(results, options),
    ...bases(results, options),
  ];
}

function unconverged(results: readonly Result[], { sizes, samples }: Options): string[] {
  const lines = sizes.flatMap((n, i) => {
    const count = (which: "deterministic" | "stochastic") =>
      results.reduce((sum, result) => sum + result.sizes[i][which].unconverged, 0);
    const [beta1, beta01] = [count("deterministic"), count("stochastic")];
    const of = samples * results.length;
    return beta1 + beta01 === 0
      ? []
      : [`N = ${n}: ${beta1} of ${of} (beta 1) and ${beta01} of ${of} (beta 0.1)`];
  });
  if (lines.length === 0) return ["All samples of all models converged."];
  return [
    `Samples that did not converge in one of the two models, and are in no mean: ${lines.join("; ")}.`,
  ];
}

function linear(results: readonly Result[], { sigmas }: Options): string[] {
  const parts = results.flatMap(({ shuffled }) => (shuffled === undefined ? [] : [shuffled]));
  if (parts.length === 0) return [];
  const gains = sigmas.map((sigma, i) => {
    const gain = meanOf(parts.map(({ plain }) => plain.network[i] - plain.wiener[i]));
    return `${gain >= 0 ? "+" : ""}${gain.toFixed(2)} dB at sigma ${sigma}`;
  });
  return [
    `The network against the linear Wiener filter of its training images: ${gains.join(", ")}.`,
  ];
}

function bases(results: readonly Result[], { shuffledSigma, basisSigma }: Options): string[] {
  const parts = results.flatMap(({ shuffled }) => (shuffled === undefined ? [] : [shuffled]));
  if (parts.length === 0) return [];
  const asymmetry = meanOf(parts.map(({ basis }) => basis.asymmetry));
  const residuals = parts.flatMap(({ residual }) => (residual === undefined ? [] : [residual]));
  const adaptive = meanOf(residuals.map((residual) => residual.adaptive));
  const principal = meanOf(residuals.map((residual) => residual.principal));
  return [
    ...(Number.isFinite(asymmetry)
      ? [
          `Jacobians at sigma ${basisSigma} are ${(100 * asymmetry).toFixed(0)} % asymmetric; that of the best possible denoiser is symmetric. Eigenvectors are those of the symmetric part.`,
        ]
      : []),
    ...(residuals.length > 0
      ? [
          `At sigma ${shuffledSigma} the first tr J eigenvectors leave out ${adaptive.toFixed(4)} of the energy of the clean image, as many of the fixed principal basis ${principal.toFixed(4)}: ${adaptive < principal ? "the adaptive basis holds more of it" : "the fixed basis holds more of it"}.`,
        ]
      : []),
  ];
}
