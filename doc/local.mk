# doc
EXTRA_DIST += README.md doc
