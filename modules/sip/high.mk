# modules/sip above the transactions: the core of `sip`, its sessions, and the modules on it.
