# tests of core/sound
