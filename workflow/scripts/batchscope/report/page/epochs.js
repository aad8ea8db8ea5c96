// When runs reach a target, from their staircases. Python's analysis/staircases.py makes these.
"use strict";

const epochs = {
  // The epoch at which one run reaches the target; Infinity if it does not.
  reaching([steps, values], target, falls) {
    let first = 0;
    let end = values.length;
    while (first < end) {
      const middle = (first + end) >> 1;
      if (falls ? values[middle] <= target : values[middle] >= target) end = middle;
      else first = middle + 1;
    }
    return first < values.length ? steps[first] : Infinity;
  },

  // Those of all runs of a point. Of a point that did not fit into memory nothing is known: NaN.
  ofPoint(point, metric, target, falls) {
    return point.staircases[metric].map((staircase) =>
      point.out_of_memory ? NaN : epochs.reaching(staircase, target, falls),
    );
  },

  // The median of what is known; NaN if nothing is.
  median(values) {
    const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
    if (!known.length) return NaN;
    return (known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2;
  },
};

// Under Node the tests take it from here.
if (typeof module !== "undefined") module.exports = epochs;
