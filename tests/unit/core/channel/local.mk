# tests of core/channel
