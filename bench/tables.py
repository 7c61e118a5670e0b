"""What scikit-learn's usual choices reach on a table, to set beside the report of `etude use gbnn`.

    python bench/tables.py data.csv[.gz] [--seeds 0,1,2] [--test 0.2]
    python bench/tables.py data.csv[.gz] --held out/predictions.csv [...]

Gradient-boosted trees and a network with one hidden layer of 200 units, both with their defaults
(trees) and Adam (network); the target is the last column. Splits are random, or, with `--held`, those
of runs of Etude: what a file of predictions holds is held out, everything else is learnt from. Prints
accuracy, or the root mean squared error in the units of the target, as a mean over the splits with its
spread; with `--held` that of Etude too.
"""

import argparse

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("table")
parser.add_argument("--seeds", default="0,1,2")
parser.add_argument("--test", type=float, default=0.2)
parser.add_argument("--held", nargs="+", help="predictions.csv of `etude use gbnn`, one a split")
arguments = parser.parse_args()

table = pd.read_csv(arguments.table)
target = table.columns[-1]
x, y = table.drop(columns=target), table[target]
regression = pd.api.types.is_numeric_dtype(y) and (y.nunique() > 20 or (y % 1 != 0).any())

models = {
    "constant": None,
    "boosted trees": GradientBoostingRegressor if regression else GradientBoostingClassifier,
    "network, Adam": MLPRegressor if regression else MLPClassifier,
}
settings = {"network, Adam": {"hidden_layer_sizes": (200,), "activation": "logistic"}}

score = root_mean_squared_error if regression else accuracy_score
scores = {name: [] for name in models}


def random_rows(seed):
    stratify = None if regression else y
    rows = np.arange(len(table))
    return train_test_split(rows, test_size=arguments.test, random_state=seed, stratify=stratify)


def rows_of(file):
    """Rows of the file are counted from 1, after a line of names."""
    predictions = pd.read_csv(file)
    held = predictions["row"].to_numpy() - 2
    kind = float if regression else str
    guess = score(y.iloc[held].astype(kind), predictions["prediction"].astype(kind))
    scores.setdefault("Etude, GBNN", []).append(guess)
    return np.setdiff1d(np.flatnonzero(y.notna()), held), held


splits = (
    [rows_of(file) for file in arguments.held]
    if arguments.held
    else [random_rows(int(seed)) for seed in arguments.seeds.split(",")]
)
for seed, (fit_rows, held_rows) in enumerate(splits):
    train, test, seen, held = x.iloc[fit_rows], x.iloc[held_rows], y.iloc[fit_rows], y.iloc[held_rows]
    # Networks need the target of a regression in units of its spread.
    mean, scale = (seen.mean(), seen.std()) if regression else (0, 1)
    numeric = x.select_dtypes("number").columns
    encoder = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), list(numeric)),
        (OneHotEncoder(handle_unknown="ignore"), list(x.columns.difference(numeric))),
        sparse_threshold=0,
    )
    for name, model in models.items():
        if model is None:
            guess = np.full(len(held), seen.mean() if regression else seen.mode()[0])
        else:
            fitted = make_pipeline(encoder, model(random_state=seed, **settings.get(name, {})))
            fitted.fit(train, (seen - mean) / scale if regression else seen)
            guess = fitted.predict(test)
            guess = guess * scale + mean if regression else guess
        scores[name].append(score(held, guess))

print(f"{arguments.table}: {'RMSE' if regression else 'accuracy'} of {target}")
for name, values in scores.items():
    print(f"  {name:16} {np.mean(values):.4g}  (from {min(values):.4g} to {max(values):.4g})")
