# SPDX-License-Identifier: BSD-3-Clause
"""A directory written for Asterisk starts, says what it cannot do, and its calls work."""
from wire import Failure, Pbx, Sound, until
from phone import Phone
from test_calls import connect, flowing

FILES = {
    "asterisk.conf": """\
[directories](!)
astetcdir => /etc/asterisk
astmoddir => /usr/lib/x86_64-linux-gnu/asterisk/modules
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk

[options]
verbose = 3
systemname = office
""",
    "modules.conf": """\
[modules]
autoload=yes
noload => chan_alsa.so
noload => res_hep.so
load => chan_pjsip.so
""",
    "logger.conf": """\
[general]
dateformat=%F %T

[logfiles]
console => notice,warning,error
messages.log => notice,warning,error
""",
    "rtp.conf": "[general]\nrtpstart=@RTP@\nrtpend=@RTPEND@\nicesupport=no\n",
    "indications.conf": """\
[general]
country=de

[de]
description = Germany
ringcadence = 1000,4000
dial = 425
busy = 425/480,0/480
ring = 425/1000,0/4000
congestion = 425/240,0/240
""",
    "musiconhold.conf": "[default]\nmode=files\ndirectory=moh\n",
    "pjsip.conf": """\
[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:@PORT@

[endpoint-basic](!)
type=endpoint
transport=transport-udp
context=from-internal
disallow=all
allow=ulaw,alaw
direct_media=no

[auth-userpass](!)
type=auth
auth_type=userpass

[aor-single-reg](!)
type=aor
max_contacts=1

[100](endpoint-basic)
auth=auth100
aors=100
[auth100](auth-userpass)
password=pw100
username=100
[100](aor-single-reg)

[101](endpoint-basic)
auth=auth101
aors=101
[auth101](auth-userpass)
password=pw101
username=101
[101](aor-single-reg)

[102](endpoint-basic)
auth=auth102
aors=102
[auth102](auth-userpass)
password=pw102
username=102
[102](aor-single-reg)
""",
    "extensions.conf": """\
[general]
static=yes
writeprotect=no
clearglobalvars=no

[globals]
GROUP=PJSIP/101&PJSIP/102

[from-internal]
exten => _1XX,1,Verbose(1, call to ${EXTEN})
 same => n,Dial(PJSIP/${EXTEN},30)
 same => n,Goto(s-${DIALSTATUS},1)
exten => s-NOANSWER,1,VoiceMail(${EXTEN}@default,u)
 same => n,Hangup()
exten => _s-.,1,Goto(s-NOANSWER,1)

exten => 200,1,Dial(${GROUP},20,tr)
 same => n,Hangup()

exten => 300,1,Goto(menu,s,1)

exten => 400,1,Answer()
 same => n,MusicOnHold(default)

exten => 500,1,Answer()
 same => n,VoiceMailMain()
 same => n,Playback(vm-goodbye)
 same => n,Echo()

[menu]
exten => s,1,Answer()
 same => n(again),Background(demo-congrats)
 same => n,WaitExten(10)
exten => 1,1,Playback(beep)
 same => n,Echo()
exten => 2,1,Dial(PJSIP/102,20)
exten => i,1,Playback(pbx-invalid)
 same => n,Goto(s,again)
exten => t,1,Hangup()
""",
}

NAMED = """\
[modules]
autoload = no
load = app_stack.so
load = app_echo.so
load = app_voicemail.so
load = func_strings.so
load = codec_ulaw.so
load = chan_pjsip.so
load = pbx_config.so
load = res_hep.so
noload = app_dial.so
"""

STACK = """\
[x]
exten => s,1,Answer()
 same => n,Set(A=${LEN(abcd)})
 same => n,Gosub(sub,s,1)
 same => n,Hangup()
[sub]
exten => s,1,Set(GLOBAL(DONE)=${A})
 same => n,Return()
"""


def test_modules_by_name(bench):
    """autoload=no with Asterisk's names: what it has in its core is there, what is not built is one sentence"""
    pbx = Pbx(bench, {"modules.conf": NAMED, "extensions.conf": STACK})
    log = pbx.log()
    if "modules.conf:5:8: warning: modules of Asterisk's that are not built here: " \
            "app_voicemail.so, res_hep.so (line 10)" not in log:
        raise Failure("it says: " + log[-2000:])
    if "no section of type=transport" not in log:
        raise Failure("that no phone can reach it is not told: " + log[-2000:])
    pbx.cli("channel originate Local/s@x application Echo")
    until("the subroutine", lambda: "DONE" in pbx.cli("dialplan show globals"))
    if "4" not in pbx.cli("dialplan eval ${DONE}"):
        raise Failure("the subroutine did not see its variable")
    if "app_dial" in pbx.cli("module show like dial"):
        raise Failure("noload has no effect")


def test_directory(bench):
    """three phones, a group, a menu, music, and an application that is not built here"""
    pbx = Pbx(bench, FILES)
    log = pbx.log()
    if "VoiceMail" not in log or "extensions.conf" not in log:
        raise Failure("it does not say what it cannot do:\n" + log[-3000:])
    phones = {}
    for n, tone in ((100, 440), (101, 660), (102, 880)):
        phones[n] = Phone(bench, str(n), str(n), "pw%d" % n, pbx.address, tone)
        phones[n].wait_registered()
    a, b, c = phones[100], phones[101], phones[102]

    a.dial("200")
    b.wait("CALL_INCOMING")
    c.wait("CALL_INCOMING")
    c.answer()
    a.wait("CALL_ESTABLISHED")
    b.wait("CALL_CLOSED")
    flowing(pbx, 2)
    a.hangup()
    c.wait("CALL_CLOSED")
    if Sound(c.heard()).seconds(440) < 1:
        raise Failure("the group call was silent")

    a.dial("300")
    a.wait("CALL_ESTABLISHED", match="300")
    flowing(pbx, 1, legs=1)
    a.digits("2")
    c.wait("CALL_INCOMING")
    c.answer()
    c.wait("CALL_ESTABLISHED")
    flowing(pbx, 2)
    a.hangup()
    a.wait("CALL_CLOSED")

    until("idle", lambda: "0 active channels" in pbx.cli("core show channels"))
    a.dial("400")
    a.wait("CALL_ESTABLISHED", match="400")
    flowing(pbx, 3, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")
    last = Sound(a.heard()[-1:])
    if last.loud() < 1:
        raise Failure("no music: %.1f of %.1f s" % (last.loud(), last.length()))

    until("idle", lambda: "0 active channels" in pbx.cli("core show channels"))
    a.dial("500")
    a.wait("CALL_ESTABLISHED", match="500")
    until("the story says what is not built", lambda: "VoiceMailMain" in pbx.cli("call show last"))
    flowing(pbx, 3, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")
