/** The slope of a PSNR curve: output PSNR against input PSNR, dB a dB. */
import { inputPsnr } from "../denoising/index.ts";

/** The least squares slope over the levels that are asked for. */
export function psnrSlope(
  sigmas: readonly number[],
  outputs: readonly number[],
  wanted: readonly number[] = sigmas,
): number {
  const points = sigmas.flatMap((sigma, i) =>
    wanted.includes(sigma) ? [[inputPsnr(sigma), outputs[i]] as const] : [],
  );
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([input]) => input), mean(([, output]) => output)];
  return mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => (p[0] - x) ** 2);
}
