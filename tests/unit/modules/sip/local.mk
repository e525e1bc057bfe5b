# tests of modules/sip
