"""Per-utterance statistics of ratings: the number of raters, their spread, and the speaker's self-rating."""

import pandas as pd

from attune.corpus.contract import Corpus


def with_raters(corpus: Corpus) -> Corpus:
    """Return the corpus with further columns in its table of utterances.

    ``raters`` counts the external raters of the dimensions, ``<task>_ratings`` their ratings of one, which some may
    leave out; ``<task>_spread`` is the standard deviation of these (n - 1; NaN with one), ``<task>_self`` the mean of
    the self-reported ratings, from 1 to 5. Tasks of categories, whose numbers have no distance, have none of these.
    """
    rated = corpus.ratings[corpus.ratings["kind"] == "dimensional"]
    external = rated[~rated["self_report"]].groupby("utterance")
    own = rated[rated["self_report"]].groupby("utterance")
    names = corpus.utterances["utterance"]
    columns: dict[str, pd.Series] = {"raters": names.map(external["rater"].nunique()).fillna(0).astype("int64")}
    for task in (task.name for task in corpus.about.tasks if task.rated):
        columns[f"{task}_ratings"] = names.map(external[task].count()).fillna(0).astype("int64")
        columns[f"{task}_spread"] = names.map(external[task].std()).astype("float64")
        columns[f"{task}_self"] = names.map(own[task].mean()).astype("float64")
    return corpus._replace(utterances=corpus.utterances.assign(**columns))
