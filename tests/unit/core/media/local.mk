# tests of core/media
