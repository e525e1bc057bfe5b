# core/media
