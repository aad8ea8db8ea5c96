"""What is said of two studies: settings, sentences and tables."""

from batchscope.report.differences import difference_sentences, difference_tables, setting_rows


def interval(value, low=None, high=None):
    return {"value": value, "low": low, "high": high, "above": [], "below": [], "later_than": None}


def point(size, verdict, recipe="adam", measure="target_epoch"):
    change = {"one": interval(10), "other": interval(20), "change": interval(2, 1.5, 2.5)}
    return {"recipe": recipe, "batch_size": size, measure: change | {"verdict": verdict}}


def test_settings_that_differ_are_listed_by_their_keys():
    one = {
        "config": {
            "pathvars": {"results": "a"},
            "seed": 1,
            "batch_sizes": [4, 8],
            "recipes": [{"name": "adam", "learning_rate": 0.1}, {"name": "sgd"}],
        },
        "versions": {"keras": "3.1"},
    }
    other = {
        "config": {
            "pathvars": {"results": "b"},
            "seed": 1,
            "batch_sizes": [4, 16],
            "recipes": [{"name": "sgd"}, {"name": "adam", "learning_rate": {"grid": [1, 2]}}],
        },
        "versions": {"keras": "3.2"},
    }
    assert setting_rows(one, other) == [
        ("config.batch_sizes", "4, 8", "4, 16"),
        ("config.recipes[adam].learning_rate", "0.1", "–"),
        ("versions.keras", "3.1", "3.2"),
        ("config.recipes[adam].learning_rate.grid", "–", "1, 2"),
    ]
    assert setting_rows(one, one) == []


def test_a_sentence_says_where_it_is_so_and_where_nothing_is_told():
    found = [point(4, "more"), point(8, "undecided"), point(16, "less"), point(32, "more")]
    assert difference_sentences(found) == [
        "**Epochs to A's target:** B takes fewer at batch size 16 and takes more at batch sizes 4 "
        "and 32. The data do not tell at batch size 8."
    ]


def test_several_recipes_are_named():
    found = [point(4, "undecided"), point(4, "too_few_replicates", recipe="sgd")]
    assert difference_sentences(found) == [
        "**Epochs to A's target:** no difference is shown. The data do not tell at batch size 4 of "
        "adam. There are too few replicates to tell at batch size 4 of sgd."
    ]


def test_what_is_nowhere_known_is_not_told():
    found = [point(4, "unknown", measure="target_seconds")]
    assert difference_sentences(found) == [] and difference_tables(found) == []


def test_a_table_has_both_and_the_change():
    [(title, change, rows)] = difference_tables([point(4, "more")])
    assert (title, change) == ("epochs to A's target", "B / A")
    assert rows == [("adam", "4", "10", "20", "2.00 (1.50–2.50)", "more in B")]
    [(title, change, _)] = difference_tables([point(4, "less", measure="best_val_loss")])
    assert (title, change) == ("best validation loss", "B – A")
