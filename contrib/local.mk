# contrib
EXTRA_DIST += contrib/common.sh contrib/up contrib/test contrib/demo.py contrib/lint contrib/new-module contrib/examples
