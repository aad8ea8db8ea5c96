"""How a study was made and judged, as a paper says it."""
