# modules/app
