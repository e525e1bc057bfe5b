# core/dialplan
