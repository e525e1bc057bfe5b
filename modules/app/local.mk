# modules/app
include modules/app/sound.mk
