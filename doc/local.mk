# doc
EXTRA_DIST += README.md doc
EXTRA_DIST += doc/performance.md
