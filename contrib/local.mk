# contrib
EXTRA_DIST += contrib/common.sh contrib/up contrib/test contrib/demo.py contrib/options contrib/lint contrib/new-module contrib/examples
