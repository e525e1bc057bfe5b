# modules/codec
