"""Boosted networks in Python, part by part. Argument: "scipy" or "sklearn", what fits a part."""

import sys
import warnings

import numpy as np

from protocol import serve

solver = sys.argv[1]


def fit_scipy(x, r, start, alpha, max_iterations):
    """NumPy for value and gradient, SciPy's L-BFGS-B for the search."""
    from scipy.optimize import minimize

    n, d = x.shape

    def objective(theta):
        w, b, v, c = theta[:d], theta[d], theta[d + 1], theta[d + 2]
        hidden = 1 / (1 + np.exp(-(x @ w + b)))
        error = hidden * v + c - r
        value = (error @ error + alpha * (w @ w + v * v)) / (2 * n)
        slope = error * v * hidden * (1 - hidden)
        gradient = np.empty_like(theta)
        gradient[:d] = (x.T @ slope + alpha * w) / n
        gradient[d] = slope.sum() / n
        gradient[d + 1] = (error @ hidden + alpha * v) / n
        gradient[d + 2] = error.sum() / n
        return value, gradient

    options = {"maxiter": max_iterations, "maxfun": 15000, "gtol": 0, "ftol": 2.22e-9, "maxls": 20}
    theta = minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x
    return lambda z: theta[d + 1] / (1 + np.exp(-(z @ theta[:d] + theta[d]))) + theta[d + 2]


def fit_sklearn(x, r, start, alpha, max_iterations):
    """The network of scikit-learn; it draws a start of its own."""
    from sklearn.neural_network import MLPRegressor

    part = MLPRegressor(
        hidden_layer_sizes=(1,),
        activation="logistic",
        solver="lbfgs",
        alpha=alpha,
        max_iter=max_iterations,
        tol=0,
    )
    part.fit(x, r)
    return part.predict


fit = {"scipy": fit_scipy, "sklearn": fit_sklearn}[solver]


def prepare(inputs):
    x, y, rows, starts = (inputs.data[name] for name in ("x", "y", "rows", "starts"))
    settings = inputs.settings
    binary = settings["binary"] == 1
    losses = []

    class Training:
        def step(self):
            losses.clear()
            target = 2 * y - 1 if binary else y
            mean = target.mean()
            scores = np.full(len(y), 0.5 * np.log((1 + mean) / (1 - mean)) if binary else mean)
            for chosen, start in zip(rows, starts):
                r = 2 * target / (1 + np.exp(2 * target * scores)) if binary else target - scores
                part = fit(x[chosen], r[chosen], start, settings["weightDecay"], int(settings["maxIter"]))
                h = part(x)
                rho = (r @ h) / (r * h * h @ (2 * target - r)) if binary else 1
                scores = scores + settings["learningRate"] * rho * h
                loss = np.log1p(np.exp(-2 * target * scores)) if binary else (target - scores) ** 2
                losses.append(loss.mean())

        def finish(self):
            pass

        def result(self):
            return {"trainLoss": np.array(losses)}

        def compile(self):
            return None

    return Training()


warnings.filterwarnings("ignore")  # parts that use up their iterations
__import__("scipy.optimize" if solver == "scipy" else "sklearn.neural_network")
serve(solver, "", prepare)
