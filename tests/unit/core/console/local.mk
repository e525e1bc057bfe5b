# tests of core/console
