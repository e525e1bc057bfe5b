# core/console
