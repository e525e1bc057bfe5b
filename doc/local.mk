# doc
EXTRA_DIST += README.md doc/manual.md doc/module-guide.md doc/architecture.md doc/architecture.svg doc/performance.md doc/plan.md
