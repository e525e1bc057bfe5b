# tests of core/registry
