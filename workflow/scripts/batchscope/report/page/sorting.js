// Rows of a table: sorted, and as CSV.
"use strict";

const sorting = {
  // Rows by what `key` gives for each: a number, a text, or null, which is last either way.
  sorted(rows, key, descending) {
    const sign = descending ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [one, other] = [key(a), key(b)];
      if (one === null || other === null) return (one === null) - (other === null);
      if (one === other) return 0;
      return one < other ? -sign : sign;
    });
  },

  // Text of CSV with a line per row.
  csv(fields, rows) {
    const cell = (value) => {
      if (value === null || value === undefined || Number.isNaN(value)) return "";
      const text = String(value);
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [fields, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
  },
};

if (typeof module !== "undefined") module.exports = sorting;
