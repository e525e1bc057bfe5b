# modules/sip
