# core/sound
