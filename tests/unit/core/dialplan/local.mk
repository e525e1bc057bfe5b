# tests of core/dialplan
