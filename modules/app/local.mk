# modules/app
include modules/app/sound.mk
include modules/app/call.mk
include modules/app/logic.mk
include modules/app/media.mk
