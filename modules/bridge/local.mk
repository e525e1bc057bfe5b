# modules/bridge
