/* SPDX-License-Identifier: BSD-3-Clause */
/* tests/sim/office.h - the configuration of the simulated house. */
#ifndef SIM_OFFICE_H
#define SIM_OFFICE_H

static const char office_pjsip[] =
	"[global]\ntype=global\n\n"
	"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n\n"
	"[phone](!)\ntype=endpoint\ncontext=internal\ndisallow=all\nallow=ulaw,alaw,g722\n"
	"dtmf_mode=info\nrtp_timeout=60\nrtp_timeout_hold=300\n\n"
	"[login](!)\ntype=auth\nauth_type=userpass\n\n"
#define OFFICE_PHONE(n)                                                                            \
	"[" n "](phone)\nauth=" n "\naors=" n "\ncallerid=\"Phone " n "\" <" n ">\n"               \
	"[" n "](login)\nusername=" n "\npassword=secret" n "\n"                                   \
	"[" n "]\ntype=aor\nmax_contacts=3\n\n"
	OFFICE_PHONE("1001") OFFICE_PHONE("1002") OFFICE_PHONE("1003") OFFICE_PHONE("1004");

static const char office_extensions[] =
	"[general]\n\n[globals]\nTRANSFER_CONTEXT=internal\n\n"
	"[internal]\n"
	"exten => _10XX,1,Dial(PJSIP/${EXTEN},20,tT)\n"
	" same => n,Hangup()\n"
	"exten => 600,1,Answer()\n same => n,Echo()\n"
	"exten => 601,1,Answer()\n same => n,MusicOnHold()\n"
	"exten => 602,1,Dial(PJSIP/1002&PJSIP/1003,20)\n"
	" same => n,Hangup()\n"
	"exten => 603,1,Dial(PJSIP/1002,3)\n"
	" same => n,Playtones(busy)\n same => n,Wait(2)\n same => n,Hangup(17)\n"
	"exten => 604,1,Dial(Local/1002@internal,20)\n same => n,Hangup()\n"
	"exten => 605,1,Progress()\n same => n,Wait(1)\n same => n,Busy(2)\n"
	"exten => 606,1,Dial(PJSIP/1002,20,g)\n same => n,Dial(PJSIP/1003,20)\n"
	" same => n,Hangup()\n"
	"exten => 608,1,Dial(Local/608@internal,20)\n same => n,Hangup()\n"
	"exten => 609,1,Progress()\n same => n,Playtones(ring)\n same => n,Wait(3000)\n"
	"exten => 607,1,Wait(30)\n same => n,Hangup()\n"
	"exten => h,1,NoOp(${DIALSTATUS} ${HANGUPCAUSE})\n";

static const char office_features[] = "[general]\nfeaturedigittimeout=1500\n\n"
				      "[featuremap]\nblindxfer=#1\ndisconnect=*0\n";

/* The kernel chooses: many runs live side by side. */
static const char office_rtp[] = "[general]\nrtpstart=0\nrtpend=0\n";

/* Its file is written by the log thread, which simulation has not. */
static const char office_modules[] = "[modules]\nautoload=yes\nnoload=cdr_csv.so\n";

#endif
