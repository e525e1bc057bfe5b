# tests of core/store
