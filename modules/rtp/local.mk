# modules/rtp
