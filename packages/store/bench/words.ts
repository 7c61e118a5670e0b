/** Words that titles and abstracts on machine learning are made of. */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Most frequent first; how often a word comes up falls with its place. */
export const common = list(`
  learning model models network networks data training neural deep method methods based performance
  propose approach language tasks results show large framework task using image problem algorithm
  representation features information optimization state time experiments generation representations
  accuracy system proposed existing novel attention prediction domain graph datasets dataset
  classification multi semantic visual analysis robust efficient benchmark reasoning knowledge
  inference transformer detection reinforcement policy function gradient loss space distribution
  diffusion generative segmentation adversarial feature structure supervised unsupervised
  self-supervised contrastive pretraining pretrained fine-tuning transfer adaptation sampling
  estimation convergence stochastic convex bound bounds theory regret bandit kernel gaussian process
  bayesian variational latent autoencoder embedding clustering regression causal fairness privacy
  federated distributed communication compression quantization pruning distillation sparse low-rank
  tensor matrix spectral random wide width depth initialization normalization batch size rate rates
  schedule momentum adaptive second-order newton hessian curvature sharpness flat minima
  generalization overfitting double descent interpolation memorization noise label labels noisy
  uncertainty calibration confidence out-of-distribution anomaly outlier shift invariance equivariant
  symmetry geometry manifold hyperbolic topology optimal transport wasserstein flow flows score
  denoising guidance conditional text-to-image video speech audio music translation summarization
  dialogue question answering retrieval ranking recommendation search planning control robotics
  navigation manipulation imitation demonstrations offline online exploration reward preference
  alignment human feedback instruction prompting in-context few-shot zero-shot meta-learning
  continual lifelong forgetting curriculum active semi-supervised weakly annotation crowdsourcing
  medical clinical protein molecule molecular drug discovery materials physics climate weather
  satellite traffic finance tabular series temporal forecasting spatial point cloud reconstruction
  rendering radiance fields camera pose depth-estimation tracking optical recognition face gesture
  convolutional recurrent residual attention-based encoder decoder tokenization vocabulary embeddings
  scaling laws emergent mixture experts routing sparsity hardware accelerator energy memory latency
  throughput parallel compiler code synthesis program verification proof theorem mathematical
  symbolic logic constraint satisfaction combinatorial scheduling integer bilevel minimax game
  equilibrium mechanism auction explanation interpretability attribution saliency concept
  counterfactual probing circuit mechanistic watermark attack defense backdoor poisoning robustness
  certified smoothing lipschitz dynamics ordinary differential equations operator inverse imaging
  tomography phase signal wavelet frequency fourier spectral-bias implicit hypernetwork modular
  compositional hierarchical multimodal multilingual cross-lingual low-resource bias toxicity safety
  evaluation metric benchmark-suite ablation empirical theoretical practical simple scalable general
  unified improved faster better understanding revisiting rethinking towards beyond why when
`);

/** What holds an abstract together. */
export const glue = list(`
  the of and to in a we that is for with on this are by our as which it from can an be these at not
  has also have than both such while more show between their into however through over via under
`);

const stems = list(`
  flux grad norm mix path core meta fuse prox dual orth lin spec quant hash sym pert corr dist frag
  grid hyper infer jump kern laten morph node optim pool query rank scal temp unit vect warp xeno
  yield zeta bolt cast drift ember forge gauge helix index joint knit lattice mosaic nexus orbit prism
  quill ridge shard tract umbra vertex weave axiom beacon cipher delta echo fable glyph haven
`);
const endings = list(`
  ion or er al ic ive ity ness ment ism ing ed able net former gan flow diff rl nerf bert lm ops x
  formance graphy logy metric tron wise plex scope gram nomy cite
`);

/** About 80,000 words for the long tail: names of methods, materials, genes. */
export const rareWords = stems.length * stems.length * endings.length;

/** The rare word of a number below `rareWords`. */
export function rareWord(number: number): string {
  const ending = endings[number % endings.length];
  const rest = Math.floor(number / endings.length);
  return `${stems[rest % stems.length]}${stems[Math.floor(rest / stems.length)]}${ending}`;
}

export const firstNames = list(`
  Ada Wei Maria Yuki Omar Lena Ravi Chen Sofia Ivan Aisha Lars Mei Pedro Noor Emil Hana Jorge Priya
  Kofi Anna Tomás Łukasz Zoë Björn Ngozi Minh Fatima Dmitri Chloé Hyun Elif Andrei Siobhán Rahul Xin
  Jürgen François Aleksandr Ingrid Mateo Yara Kenji Olga Samuel Amara Felix Nadia Hugo Jia
`);

const surnameStarts = list(`
  Ander Berg Car Dom Ever Fer Gar Hart Iva Jan Kow Lind Mor Nov Oka Pet Quin Ros San Tak Ueda Vas Wil
  Xu Yam Zim Schö Mül Nguy Sato Kim Pat Sing Khan Had Ros Bau Mey Dub Lef
`);
const surnameEnds = list(`
  son mann ez ov sen ski ström ler en a i ura moto lkopf ano ini eau ard ley ton wick dez rov es er
`);

export const surnames: readonly string[] = surnameStarts.flatMap((start) =>
  surnameEnds.map((end) => start + end),
);
