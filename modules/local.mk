# One fragment a family.
include modules/sip/local.mk
include modules/rtp/local.mk
include modules/codec/local.mk
include modules/format/local.mk
include modules/app/local.mk
include modules/func/local.mk
include modules/bridge/local.mk
include modules/cdr/local.mk
include modules/chan/local.mk
