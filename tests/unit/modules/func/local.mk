# tests of modules/func
