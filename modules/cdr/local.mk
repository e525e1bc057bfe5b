# modules/cdr
