# SPDX-License-Identifier: BSD-3-Clause
"""A peer that says exactly what a test wants it to say, right or wrong, over a socket of its own."""
import hashlib
import re
import socket
import uuid

from wire import Failure


class Message:
    """One SIP message that came in."""

    def __init__(self, text):
        head, _, self.body = text.partition("\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.start, self.text = lines[0], text
        self.fields = [tuple(x.strip() for x in line.partition(":")[::2]) for line in lines[1:]]
        self.code = int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0
        self.method = "" if self.code else self.start.split()[0]

    def all(self, name):
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [""])[0]


class Raw:
    """A user agent of one socket; every request gets a branch of its own."""

    def __init__(self, bench, pbx, user="2001", kind="udp", host="127.0.0.1", remote=None, port=0):
        self.user, self.kind, self.host = user, kind, host
        self.remote = remote or ("127.0.0.1", pbx.port)
        six = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(six, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        self.sock.bind((host, port))
        self.sock.settimeout(10)
        bench.cleanup(self.sock.close)
        if kind == "tcp":
            self.sock.connect(self.remote)
        self.port = self.sock.getsockname()[1]
        self.buf = b""
        self.call_id, self.tag, self.cseq = uuid.uuid4().hex, uuid.uuid4().hex[:8], 0
        self.to_tag = self.called_tag = ""

    def uri(self):
        return "sip:%s@%s:%d%s" % (self.user, "[%s]" % self.host if ":" in self.host else self.host,
                                   self.port, ";transport=tcp" if self.kind == "tcp" else "")

    def send_text(self, text):
        data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        if self.kind == "udp":
            self.sock.sendto(data, self.remote)
        else:
            self.sock.sendall(data)

    def request(self, method, to="600", extra="", body="", cseq=None, uri=None, contact=True, branch=None,
                forwards=70):
        """Sends a request; extra holds whole lines."""
        if cseq is None:
            if method != "ACK":
                self.cseq += 1
            cseq = self.cseq
        uri = uri or "sip:%s@%s:%d" % ((to,) + self.remote[:2])
        ctype = "Content-Type: application/sdp\n" if body.startswith("v=0") else ""
        body = body.replace("\n", "\r\n")
        self.branch = branch or "z9hG4bK" + uuid.uuid4().hex
        self.send_text(
            "%s %s SIP/2.0\nVia: SIP/2.0/%s %s;branch=%s;rport\nMax-Forwards: %d\n"
            "From: <sip:%s@bellbird.test>;tag=%s\nTo: <sip:%s@bellbird.test>%s\nCall-ID: %s\n"
            "CSeq: %d %s\n%s%s%sContent-Length: %d\n\n%s" % (
                method, uri, self.kind.upper(), self.uri().split("@")[1].split(";")[0], self.branch,
                forwards, self.user, self.called_tag or self.tag, self.user if method == "REGISTER" else to,
                ";tag=" + self.to_tag if self.to_tag else "", self.call_id, cseq, method,
                "Contact: <%s>\n" % self.uri() if contact else "", extra, ctype, len(body), body))
        return self

    def reply(self, m, code, extra="", body=""):
        """Answers a request that came in."""
        ctype = "Content-Type: application/sdp\n" if body else ""
        body = body.replace("\n", "\r\n")
        kept = "".join("%s: %s\n" % (n, v) for n, v in m.fields
                       if n.lower() in ("via", "from", "call-id", "cseq", "record-route"))
        to = m.get("To") + ("" if ";tag=" in m.get("To") or code == 100 else ";tag=raw" + self.tag)
        self.send_text("SIP/2.0 %d Whatever\n%sTo: %s\nContact: <%s>\n%s%sContent-Length: %d\n\n%s" % (
            code, kept, to, self.uri(), extra, ctype, len(body), body))

    def take(self, timeout=10):
        """The next message."""
        self.sock.settimeout(timeout)
        try:
            if self.kind == "udp":
                return Message(self.sock.recv(65536).decode(errors="replace"))
            while True:
                self.buf = self.buf.lstrip(b"\r\n")
                head, sep, rest = self.buf.partition(b"\r\n\r\n")
                m = re.search(rb"(?im)^(?:Content-Length|l)\s*:\s*(\d+)", head) if sep else None
                if m and len(rest) >= int(m.group(1)):
                    n = len(head) + 4 + int(m.group(1))
                    text, self.buf = self.buf[:n], self.buf[n:]
                    return Message(text.decode(errors="replace"))
                more = self.sock.recv(65536)
                if not more:
                    raise Failure("the PBX closed the connection")
                self.buf += more
        except socket.timeout:
            raise Failure("%s: nothing came for %s s" % (self.user, timeout))

    def wait(self, what, timeout=10):
        """The next final response, or a response or request of this code or method."""
        while True:
            m = self.take(timeout)
            if what == "final" and m.code >= 200 or what and what in (m.code, m.method):
                return m

    def expect(self, code, timeout=10):
        m = self.wait("final", timeout)
        if m.code != code:
            raise Failure("wanted %d, got %s" % (code, m.text))
        return m

    def ack(self, answer, body="", cseq=None):
        """ACK of a final answer: of a refusal within its transaction, else on its own."""
        self.to_tag = answer.get("To").partition(";tag=")[2]
        uri = answer.get("Contact").strip("<>").split(">")[0] if answer.code < 300 else None
        self.request("ACK", body=body, uri=uri, cseq=cseq, branch=self.branch if answer.code >= 300 else None)
        if answer.code >= 300:
            self.to_tag = ""

    def sdp(self, pts="0", maps="a=rtpmap:0 PCMU/8000\n", more="", host=None, port=30000, version=1):
        host = host or self.host
        return ("v=0\no=raw 1 %d IN IP%d %s\ns=-\nc=IN IP%d %s\nt=0 0\nm=audio %d RTP/AVP %s\n%s%s" % (
            version, 6 if ":" in self.host else 4, self.host, 6 if ":" in host else 4, host, port, pts, maps, more))

    def up(self, to, extra="", **kw):
        """A call that is answered and acknowledged; gives the 200."""
        self.request("INVITE", to, extra=extra, body=self.sdp(**kw))
        ok = self.expect(200)
        self.ack(ok)
        self.peer = ok.get("Contact").strip("<>")
        return ok

    def joins(self, invite):
        """Requests of its own go into the dialog of the INVITE that it has answered."""
        self.peer = invite.get("Contact").split("<")[1].split(">")[0]
        self.call_id, self.cseq = invite.get("Call-ID"), 0
        self.to_tag, self.called_tag = invite.get("From").partition(";tag=")[2], "raw" + self.tag


def challenges(m):
    """The challenges of a 401, each a dictionary, in their order."""
    return [{k.lower(): v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', c)}
            for c in m.all("WWW-Authenticate")]


def credentials(ch, user, password, method, uri, nc=1, nonce=None):
    """The Authorization line that answers a challenge."""
    h = hashlib.sha256 if ch.get("algorithm", "MD5").upper() == "SHA-256" else hashlib.md5

    def hx(*parts):
        return h(":".join(parts).encode()).hexdigest()
    nonce = nonce or ch["nonce"]
    count, cnonce = "%08x" % nc, uuid.uuid4().hex[:8]
    answer = hx(hx(user, ch["realm"], password), nonce, count, cnonce, "auth", hx(method, uri))
    return ('Authorization: Digest username="%s",realm="%s",nonce="%s",uri="%s",response="%s",algorithm=%s,'
            'qop=auth,nc=%s,cnonce="%s"\n' % (user, ch["realm"], nonce, uri, answer, ch.get("algorithm", "MD5"),
                                              count, cnonce))
