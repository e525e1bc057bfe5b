# tests of modules/rtp
