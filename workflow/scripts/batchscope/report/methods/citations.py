"""What the methods of a study cite, as docs/statistics.md and config/recipe.py do."""

CITATIONS = {
    "Bergsma et al. 2025": (
        "“Power lines: scaling laws for weight decay and batch size in LLM pre-training”."
    ),
    "Efron 1979": "“Bootstrap methods: another look at the jackknife”, The Annals of Statistics 7.",
    "Goyal et al. 2017": ("“Accurate, large minibatch SGD: training ImageNet in 1 hour”."),
    "Hansen et al. 2021": (
        "“COCO: a platform for comparing continuous optimizers in a black-box setting”, "
        "Optimization Methods and Software 36."
    ),
    "Hesterberg 2015": (
        "“What teachers should know about the bootstrap: resampling in the undergraduate "
        "statistics curriculum”, The American Statistician 69."
    ),
    "Malladi et al. 2022": ("“On the SDEs and scaling rules for adaptive gradient algorithms”."),
    "Marek et al. 2025": (
        "“Small batch size training for language models: when vanilla SGD works, and why gradient "
        "accumulation is wasteful”."
    ),
    "McCandlish et al. 2018": ("“An empirical model of large-batch training”, arXiv 1812.06162."),
    "Stone 1974": (
        "“Cross-validatory choice and assessment of statistical predictions”, Journal of the "
        "Royal Statistical Society B 36."
    ),
    "Turnbull 1976": (
        "“The empirical distribution function with arbitrarily grouped, censored and truncated "
        "data”, Journal of the Royal Statistical Society B 38."
    ),
}


def cited(text):
    """The works, as a list of texts, that a text cites by the names of CITATIONS."""
    return [f"{name}, {work}" for name, work in CITATIONS.items() if name in text]
