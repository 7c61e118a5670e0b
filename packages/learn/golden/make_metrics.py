"""Metrics as scikit-learn, scikit-image and SciPy compute them, for `src/metrics/*.test.ts`.

    python make_metrics.py > metrics.json

Scores are given by a formula that the tests repeat, `wave`; some are rounded to one digit so that there
are ties.
"""
import json
import math

import numpy as np
from scipy import stats
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn import metrics


def wave(phase, count):
    return np.array([math.sin(1.7 * i + phase) for i in range(count)])


def rounded(values):
    """Halves away from zero, as both languages agree on."""
    return np.floor(np.abs(values) * 10 + 0.5) / 10 * np.sign(values)


n = 60
scores = rounded(wave(1, n))
noise = wave(2, n)
binary = (scores + 1.2 * noise > 0.1).astype(int)
logits = wave(3, n * 4).reshape(n, 4) * 2
probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
labels = (np.floor(np.abs(wave(5, n)) * 97).astype(int) + probabilities.argmax(-1) * 2) % 4
guess = probabilities.argmax(-1)
single = 1 / (1 + np.exp(-2 * wave(1, n)))

image = (wave(1, 24 * 20).reshape(24, 20) + 1) / 2
reference = np.clip(image + 0.2 * wave(2, 24 * 20).reshape(24, 20), 0, 1)


def scores_of(function):
    result = {a: float(function(labels, guess, average=a)) for a in ("macro", "micro")}
    return {**result, "binary": float(function(binary, (scores > 0).astype(int), average="binary"))}


x, y = scores, rounded(wave(1, n) + 0.7 * noise)
sample = wave(4, 9).tolist()
paired = stats.ttest_rel(sample, wave(6, 9))
interval = paired.confidence_interval(0.9)
freedoms = [1, 2, 3, 4.5, 9, 30, 79, 81, 200, 1e4, 1e7]
levels = [1e-9, 1e-4, 0.025, 0.05, 0.3, 0.49, 0.501, 0.9, 0.975, 0.9995]
print(
    json.dumps(
        {
            "binary": binary.tolist(),
            "labels": labels.tolist(),
            "accuracy": float(metrics.accuracy_score(labels, guess)),
            "top2": float(metrics.top_k_accuracy_score(labels, probabilities, k=2)),
            "confusion": metrics.confusion_matrix(labels, guess).flatten().tolist(),
            "precision": scores_of(metrics.precision_score),
            "recall": scores_of(metrics.recall_score),
            "f1": scores_of(metrics.f1_score),
            "auroc": float(metrics.roc_auc_score(binary, scores)),
            "aurocMacro": float(metrics.roc_auc_score(labels, probabilities, multi_class="ovr")),
            "aurocWeighted": float(
                metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="weighted")
            ),
            "averagePrecision": float(metrics.average_precision_score(binary, scores)),
            "logLoss": float(metrics.log_loss(labels, probabilities)),
            "logLossBinary": float(metrics.log_loss(binary, single)),
            "brier": float(metrics.brier_score_loss(labels, probabilities, scale_by_half=False)),
            "brierBinary": float(metrics.brier_score_loss(binary, single)),
            "rmse": float(metrics.root_mean_squared_error(noise, scores)),
            "mae": float(metrics.mean_absolute_error(noise, scores)),
            "r2": float(metrics.r2_score(noise, scores)),
            "psnr": float(peak_signal_noise_ratio(reference, image, data_range=1)),
            "ssim": float(
                structural_similarity(
                    image, reference, gaussian_weights=True, sigma=1.5,
                    use_sample_covariance=False, data_range=1,
                )
            ),
            "pearson": float(stats.pearsonr(x, y)[0]),
            "spearman": float(stats.spearmanr(x, y)[0]),
            "kendall": float(stats.kendalltau(x, y)[0]),
            "deviation": float(np.std(sample, ddof=1)),
            "error": float(stats.sem(sample)),
            "interval": list(stats.t.interval(0.95, 8, np.mean(sample), stats.sem(sample))),
            "paired": {"t": float(paired.statistic), "p": float(paired.pvalue), "interval": list(interval)},
            "wilson": list(stats.binomtest(7, 40).proportion_ci(0.95, method="wilson")),
            "wilsonNone": list(stats.binomtest(0, 12).proportion_ci(0.9, method="wilson")),
            "freedoms": freedoms,
            "levels": levels,
            "student": [[float(stats.t.ppf(p, v)) for p in levels] for v in freedoms],
            "normal": [float(stats.norm.ppf(p)) for p in levels],
            "quantiles": [float(np.quantile(sample, p)) for p in (0, 0.1, 0.5, 0.77, 1)],
        }
    )
)
