"""Methods and compression on ten data sets: `make results`, and the page that is made of it.

`python -m benchmarks.results` trains, and writes a small file of numbers for every data set and
experiment into `docs/results`; `python -m benchmarks.results.page` writes `docs/results.md` from
those files alone, so that no number there can be stale.
"""
