# SPDX-License-Identifier: BSD-3-Clause
"""Linphone, a SIP stack of another family than baresip's."""
from wire import Failure, Pbx, Sound, until
from linphone import Linphone
from office import office
from phone import Phone
from test_calls import flowing, judge


def there(pbx, text):
    until("%s to be registered" % text, lambda: text in pbx.cli("sip show contacts"))


def test_both_ways(bench):
    """Linphone and baresip talk, called by either"""
    pbx = Pbx(bench, office())
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    a = Linphone(bench, "1001", "secret1001", pbx.address, 440)
    there(pbx, "sip:1001@")
    b.wait_registered()
    a.say("call sip:1002@" + pbx.address)
    b.wait("CALL_INCOMING")
    b.answer()
    b.wait("CALL_ESTABLISHED")
    flowing(pbx, 2)
    a.say("terminate")
    b.wait("CALL_CLOSED")
    judge(b, 440, 660, 1)
    until("linphone's recording", lambda: Sound(a.heard()).seconds(660) > 1)
    before = Sound(b.heard()).seconds(440)
    b.dial("1001")
    a.told("Receiving new incoming call")
    a.say("answer")
    b.wait("CALL_ESTABLISHED")
    flowing(pbx, 2)
    b.hangup()
    b.wait("CALL_CLOSED")
    if Sound(b.heard()).seconds(440) < before + 1:
        raise Failure("baresip heard %.1f s when it called" % (Sound(b.heard()).seconds(440) - before))


def test_sha256_over_tcp(bench):
    """Linphone answers a challenge by SHA-256, over TCP"""
    files = office()
    files["pjsip.conf"] = files["pjsip.conf"].replace(
        "auth_type=userpass", "auth_type=userpass\nsupported_algorithms_uas=sha-256", 1)
    pbx = Pbx(bench, files)
    a = Linphone(bench, "1001", "secret1001", pbx.address, 440, transport="tcp", algorithm="SHA-256")
    there(pbx, "sip:1001@")
    a.say("call sip:600@" + pbx.address)
    a.told("connected")
    flowing(pbx, 2, legs=1)
    a.say("terminate")
    until("linphone to hear itself", lambda: Sound(a.heard()).seconds(440) > 1)
