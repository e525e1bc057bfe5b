# core/channel
