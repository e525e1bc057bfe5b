# tests of modules/codec
