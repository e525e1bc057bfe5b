# tests of modules/app
