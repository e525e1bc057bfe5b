# tests of core/base
