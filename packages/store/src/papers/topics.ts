import { isTopic, type Topic } from "@etude/papers/cards";

/**
 * Phrases that authors use of a topic, in lower case, as parts of one regular expression each. They
 * stand for what a paper is about rather than what it mentions: "fine-tuning" alone is in half of all
 * abstracts, and so is "robust".
 */
const phrases: Readonly<Record<Topic, string>> = {
  "bilevel-optimisation":
    "bi-?level|hyper-?gradients?|implicit differentiation|nested optimi[sz]ation",
  diffusion:
    "diffusion (?:based |probabilistic )?(?:generative )?(?:models?|priors?|transformers?|polic|process|sampl|guidance)|(?:latent|denoising|masked|discrete|video) diffusion|score[- ]based|score matching|flow matching|consistency (?:models?|distillation)|classifier-free",
  efficiency:
    "quanti[sz](?:ation|ed|ing)|(?:model|network|weight|structured|unstructured|token|layer) pruning|(?:knowledge|model|progressive) distillation|(?:model|context|cache) compression|low-bit|bina(?:ry|ri[sz]ed) (?:neural )?networks?|parameter-efficient|efficient (?:inference|training|fine-?tuning|attention)|speculative decoding|kv[- ]cache|mixture[- ]of[- ]experts|memory-efficient",
  explanations:
    "interpretab|explainab|explanations?\\b|explaining|saliency|feature attribution|attribution methods?|mechanistic|sparse auto-?encoders?|circuit discovery",
  "generative-models":
    "generative (?:model|adversarial)|\\bgans?\\b|variational auto-?encoders?|normali[sz]ing flows?|(?:image|video|audio|music|3d|molecule) (?:generation|synthesis|editing)|text-to-(?:image|video|3d|speech)|diffusion models?|flow matching|autoregressive generation",
  "inverse-problems":
    "inverse (?:imaging )?problems?|(?:image|signal) (?:restoration|reconstruction)|super-resolution|deblurring|inpainting|compress(?:ed|ive) sensing|tomograph|plug-and-play|neural operators?|operator learning|partial differential|\\bpdes?\\b|physics-informed|precondition|linear solvers?|posterior sampling",
  "learning-rates":
    "learning[- ]rates?|batch[- ]sizes?|step[- ]?sizes?|warm-?up|(?:schedule|parameter|tuning)-free (?:optimi|learning)",
  "learning-theory":
    "generali[sz]ation (?:bounds?|errors?|gap|guarantees?)|sample complexity|pac[- ]bayes|\\bpac\\b|rademacher|minimax|regret bounds?|excess risk|learnability|vc[- ]dimension|consistency bounds?|double descent|benign overfitting|lower bounds?|approximation theor|statistical (?:learning|guarantees?)|surrogate loss",
  optimisation:
    "optimi[sz]ers?\\b|gradient (?:descent|methods?)|stochastic gradient|\\bsgd\\b|\\badam\\b|adamw|adagrad|\\bmuon\\b|convergence (?:rates?|guarantees?|analysis)|second-order (?:method|optimi)|newton|mirror descent|non-?convex|convex optimi|(?:proximal|conjugate) (?:gradient|method)|variance reduction",
  "reinforcement-learning":
    "reinforcement learning|\\brlhf\\b|\\bgrpo\\b|policy (?:gradient|optimi)|offline rl|markov decision|actor-critic|q-learning|imitation learning|inverse rl|reward (?:models?|shaping|functions?)|bandits?\\b",
  representations:
    "self-supervised|(?:representation|contrastive|transfer|metric) learning|pre-?train(?:ing|ed)|foundation models?|domain-specific fine-?tuning|embedding models?|learned representations?",
  robustness:
    "robust(?:ness)?\\b|adversarial (?:examples?|attacks?|training|perturbations?)|(?:distribution|covariate|domain)(?:al)? shifts?|out-of-distribution|\\bood\\b|domain (?:adaptation|generali[sz]ation)|backdoors?|jailbreak|spurious correlations?",
  tabular: "tabular|gradient[- ]boost|boosted trees?|decision trees?|xgboost|random forests?",
  "training-data":
    "data(?:set)? (?:selection|pruning|augmentation|quality|curation|attribution|poisoning|mixtures?|mixing|filtering|distillation|condensation|valuation|cleaning)|core-?sets?|synthetic (?:training )?data|noisy labels?|label(?:ing)? (?:noise|errors?)|mislabel|training examples|instruction data|active learning",
  "training-dynamics":
    "(?:training|learning|optimi[sz]ation) dynamics|edge of stability|sharpness|flat minima|loss landscapes?|grokking|neural collapse|implicit (?:bias|regulari[sz]ation)|simplicity bias|memori[sz]ation|scaling laws?|catastrophic forgetting|early in training|mode connectivity",
  "wide-networks":
    "neural tangent|infinite(?:ly)?[- ]wid|wide (?:neural )?networks?|over-?parameteri[sz]ed|mean[- ]field|gaussian process|kernel (?:methods?|regression|machines?|ridge|limit|regime)|\\bntk\\b|lazy (?:training|regime)|two-layer|maximal update",
};

const expressions = Object.entries(phrases).map(
  ([topic, phrase]) => [topic, new RegExp(`(?<![a-z])(?:${phrase})`, "g")] as const,
);

/** Of the title a phrase counts as this many, and as many must be found. */
const enough = 2;
const mostTopics = 3;

/**
 * The topics of a paper without a card, by the phrases in its title and abstract: those named in the
 * title or twice in the abstract, most often named first, at most three. On the texts of the cards,
 * whose topics were chosen by hand, nine in ten of its guesses are among those, and it finds four in
 * ten of them.
 *
 * @example
 * topicsOf("Adam: A Method for Stochastic Optimization", "…") // ["optimisation"]
 */
export function topicsOf(title: string, abstract: string): Topic[] {
  const heading = title.toLowerCase();
  const body = abstract.toLowerCase();
  return expressions
    .map(([topic, expression]) => ({
      topic,
      count: enough * countOf(expression, heading) + countOf(expression, body),
    }))
    .filter(({ count }) => count >= enough)
    .sort((a, b) => b.count - a.count)
    .slice(0, mostTopics)
    .map(({ topic }) => topic)
    .filter(isTopic);
}

const countOf = (expression: RegExp, text: string): number => text.match(expression)?.length ?? 0;
