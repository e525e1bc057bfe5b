# modules/format
