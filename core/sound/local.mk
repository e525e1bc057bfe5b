# core/sound
libbbcore_a_SOURCES += core/sound/sound_core.h core/sound/leg.h core/sound/ask.c core/sound/file.c \
	core/sound/player.c core/sound/tones.c core/sound/indications.c core/sound/moh.c \
	core/sound/echo.c core/sound/leg.c core/sound/play.c core/sound/digits.c core/sound/say.c core/sound/room.c
