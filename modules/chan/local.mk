# modules/chan
