/** What one seed measures. */

export interface SizeResult {
  /** Training images of each model. */
  readonly n: number;
  readonly trainPsnr: readonly number[];
  readonly testPsnr: readonly number[];
  readonly psnrGap: number;
  readonly testNearest: number;
  /** Deterministic sampling (beta 1), and with injected noise (beta 0.1). */
  readonly deterministic: Comparison;
  readonly stochastic: Comparison;
  /** Rows of samples of model A, of model B, nearest training image of A: PNG in base64. */
  readonly sheet: string;
}

export interface Comparison {
  readonly pairs: readonly number[];
  readonly pairCorrelation: number;
  readonly nearest: readonly number[];
  readonly nearestTrain: number;
  readonly unconverged: number;
}

/** PSNR curves of the linear filter beside the network's, on the same noise. */
export interface LinearResult {
  readonly network: readonly number[];
  readonly wiener: readonly number[];
}

export interface BasisResult {
  /** Rank correlation of k and ||grad e_k||^2, a test image each. */
  readonly orders: readonly number[];
  /** Means over images of the energies of the first eigenvectors. */
  readonly energies: readonly number[];
  /** lambda_k of the first image. */
  readonly shrinkage: readonly number[];
  readonly effectiveDimension: number;
  readonly asymmetry: number;
  /** Equation 7, equation 10 and the truth, a pixel, means over images. */
  readonly sure: number;
  readonly posteriorVariance: number;
  readonly squaredError: number;
  /** Eigenvectors of the first image, PNG in base64. */
  readonly sheet: string;
}

/** Energy of clean images outside the first tr J vectors of a basis. */
export interface ResidualResult {
  readonly adaptive: number;
  readonly principal: number;
}

export interface ShuffledResult {
  readonly plain: LinearResult;
  readonly shuffled: LinearResult;
  readonly basis: BasisResult;
  readonly shuffledBasis: BasisResult;
  /** Absent for large images: it takes whole bases. */
  readonly residual?: ResidualResult;
}

export interface SlopeResult {
  readonly alpha: number;
  readonly psnr: readonly number[];
  readonly slope: number;
}

export interface DiskResult {
  /** Slope below sigma = 0.02. */
  readonly slope: number;
  /** Mean number of eigenvalues above 0.2 at an image. */
  readonly kept: number;
  readonly shrinkage: readonly number[];
}

export interface Result {
  readonly sizes: readonly SizeResult[];
  readonly shuffled?: ShuffledResult;
  readonly slopes?: readonly SlopeResult[];
  readonly disks?: DiskResult;
}
