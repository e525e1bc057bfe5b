# modules/func
