# SPDX-License-Identifier: BSD-3-Clause
"""The configuration most wire tests share: a small office with three phones."""

PJSIP = """\
[global]
type=global
; A machine that is busy with other things is not what is tested: see test_floods for overload.
overload_delay=10000

[udp]
type=transport
protocol=udp
bind=127.0.0.1:@PORT@

[tcp]
type=transport
protocol=tcp
bind=127.0.0.1:@PORT@

[phone](!)
type=endpoint
context=internal
disallow=all
allow=ulaw,alaw,g722
rtp_symmetric=yes

[login](!)
type=auth
auth_type=userpass
"""

PHONE = """
[{n}](phone)
auth={n}
aors={n}
callerid="Phone {n}" <{n}>
{extra}

[{n}](login)
username={n}
password=secret{n}

[{n}]
type=aor
max_contacts=5
"""

EXTENSIONS = """\
[general]

[globals]
TRANSFER_CONTEXT=internal

[internal]
exten => _10XX,1,NoOp(${CALLERID(num)} calls ${EXTEN})
 same => n,Dial(PJSIP/${EXTEN},20,tT)
 same => n,Hangup()

exten => 600,1,Answer()
 same => n,Echo()

exten => 601,1,Answer()
 same => n,Playback(hello-world)
 same => n,MusicOnHold()

exten => 602,1,Dial(PJSIP/1002,3)
 same => n,NoOp(${DIALSTATUS})
 same => n,Hangup()
"""

RTP = """\
[general]
rtpstart=@RTP@
rtpend=@RTPEND@
"""

FEATURES = """\
[general]
featuredigittimeout=1500

[featuremap]
blindxfer=#1
disconnect=*0
"""


def office(phones=(1001, 1002, 1003), extensions=EXTENSIONS, extra=None, more=""):
    """The files of an office; extra maps a phone to further lines of its endpoint."""
    extra = extra or {}
    pjsip = PJSIP + "".join(PHONE.format(n=n, extra=extra.get(n, "")) for n in phones) + more
    return {"pjsip.conf": pjsip, "extensions.conf": extensions, "rtp.conf": RTP, "features.conf": FEATURES}
