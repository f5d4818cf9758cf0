"""Sends requests of every kind to limner-echo and lets h11 parse every byte that comes back.

Each case is sent whole, byte by byte and with another request behind it. What is asserted of each: the statuses in
order, that h11 finds nothing to complain about and nothing left over, whether the connection goes on, that what follows
is answered (or ignored, where the connection ends), and that the request was parsed as it was meant. Loopback only.
"""

import argparse
import base64
import json
import socket
import ssl
import sys

import h11

HOST = b"Host: a\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
SECONDS = 10


class Case:
    """One connection: what is sent, and what must come back."""

    def __init__(self, name, data, answers, closes=False, methods=("GET",), echo=None, truncated=False, end=False):
        self.name = name
        self.data = data
        self.answers = answers
        self.closes = closes
        self.methods = methods
        self.echo = echo
        self.truncated = truncated
        # The client says that it sends no more.
        self.end = end


def refused(name, data, status):
    """A request after which the connection must end."""
    return Case(name, data, [status], closes=True)


def head(line, fields=b""):
    return line + b"\r\n" + HOST + fields + b"\r\n"


def cases():
    """Groups of the service's contract, by their numbers."""
    ok = head(b"GET /a?b=c%20d HTTP/1.1", b"X-One: 1\r\nx-one:\t 2 \r\n")
    headers = [["Host", "a"], ["X-One", "1"], ["x-one", "2"]]
    yield Case("a request", ok, [200], echo={"method": "GET", "uri": "/a?b=c%20d", "headers": headers, "body": ""})
    yield Case("§3.1 no Host", b"GET / HTTP/1.1\r\n\r\n", [400])
    yield Case("§3.2 two Hosts", head(b"GET / HTTP/1.1", HOST), [400])
    for host in (b"a b", b"u@h", b"h/p", b"a,b", b":80", b"h:port", b"[::1", b""):
        yield Case(f"§3.3 Host {host!r}", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", [400])
    yield Case("§3.4 absolute form", head(b"GET http://h/p HTTP/1.1"), [200], echo={"uri": "http://h/p"})
    yield Case("§3.5 OPTIONS *", head(b"OPTIONS * HTTP/1.1"), [200], methods=("OPTIONS",), echo={"uri": "*"})
    yield Case("§3.5 GET *", head(b"GET * HTTP/1.1"), [400])
    yield refused("§3.5 CONNECT", head(b"CONNECT h:443 HTTP/1.1"), 501)
    for method in (b"get", b"UNKNOWN", b"TRACE"):
        yield Case(f"§3.6 method {method!r}", head(method + b" / HTTP/1.1"), [501])
    yield refused("§3.6 no token", head(b"G=\": / HTTP/1.1"), 400)
    yield refused("§3.6 a long method", head(b"M" * 33 + b" / HTTP/1.1"), 501)
    for line in (b"GET  / HTTP/1.1", b"GET\t/ HTTP/1.1", b"GET / HTTP/1.1 ", b"GET /a b HTTP/1.1", b" GET / HTTP/1.1"):
        yield refused(f"§3.7 {line!r}", head(line), 400)
    yield Case("§3.8 HTTP/1.2", head(b"GET / HTTP/1.2"), [200], echo={"version": "1.1"})
    yield refused("§3.8 HTTP/2.0", head(b"GET / HTTP/2.0"), 505)
    for version in (b"HTTP/1", b"HTTP/01.1", b"HTTP/1.10", b"http/1.1", b"HTTP/ 1.1"):
        yield refused(f"§3.8 {version!r}", head(b"GET / " + version), 400)
    yield refused("§3.9 HTTP/0.9", b"GET /\r\n", 400)
    yield Case("§3.10 a target of 8000", head(b"GET /" + b"a" * 7999 + b" HTTP/1.1"), [200])
    yield refused("§3.10 a target of 9000", head(b"GET /" + b"a" * 8999 + b" HTTP/1.1"), 414)
    yield refused("§3.11 NUL in the target", head(b"GET /\0 HTTP/1.1"), 400)
    for target in (b"/#a", b"/\\a", b"/%00", b"/%0d%0a", b"/%c0%af", b"/../a", b"/%2e%2e/a"):
        yield Case(f"§3.11–12 {target!r}", head(b"GET " + target + b" HTTP/1.1"), [400])
    yield Case("§3.13 empty lines first", b"\r\n\r\n" + head(b"GET / HTTP/1.1"), [200])
    yield refused("§3.14 bare LF", b"GET / HTTP/1.1\nHost: a\n\n", 400)
    yield refused("§3.15 a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400)
    for line in (b"Name : x", b" fold: x", b": x", b"none", b"a[b: x", b"caf\xe9: x", b"a: \0", b"a: \x01"):
        yield refused(f"§3.16–20 {line!r}", head(b"GET / HTTP/1.1", line + b"\r\n"), 400)
    yield Case(
        "§3.20 opaque bytes in a value", head(b"GET / HTTP/1.1", b"X: \xff\x85\r\n"), [200],
        echo={"headers": [["Host", "a"], ["X", b"\xff\x85"]]})
    yield Case("§3.21 underscores", head(b"GET / HTTP/1.1", b"Content_Length: 5\r\n"), [200], echo={"body": ""})
    yield refused("§3.22 many fields", head(b"GET / HTTP/1.1", b"X: y\r\n" * 101), 431)
    yield refused("§3.22 a long field", head(b"GET / HTTP/1.1", b"X: " + b"y" * 17000 + b"\r\n"), 431)
    yield Case("§3.23 two types", head(b"GET / HTTP/1.1", b"Content-Type: a/b\r\n" * 2), [400])
    yield from framing()
    yield from connection()
    yield from shapes()


def framing():
    def post(fields, body=b""):
        return head(b"POST /p HTTP/1.1", fields) + body

    te = b"Transfer-Encoding: chunked\r\n"
    yield Case("a body", post(b"Content-Length: 3\r\n", b"abc"), [200], methods=("POST",), echo={"body": "abc"})
    yield Case("§3.38 chunks", post(te, b"3\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n"), [200], methods=("POST",),
               echo={"body": "abc0123456789"})
    yield Case("§3.39–40 extension and trailer", post(te, b"3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n"), [200],
               methods=("POST",), echo={"body": "abc"})
    yield Case("§3.42 no length", post(b""), [200], methods=("POST",), echo={"body": ""})
    yield Case("§3.44 length 0", post(b"Content-Length: 0\r\n"), [200], methods=("POST",), echo={"body": ""})
    yield refused("§3.26 both", post(b"Content-Length: 3\r\n" + te, b"0\r\n\r\n"), 400)
    yield refused("§3.27 two lengths", post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abc"), 400)
    for length in (b"+5", b"-1", b"-0", b"0x5", b"5_0", b"5a", b"\"5\"", b"5 5", b"", b"005", b"5, 5"):
        yield refused(f"§3.28 length {length!r}", post(b"Content-Length: " + length + b"\r\n", b"abcde"), 400)
    for length in (2**63, 2**64, 10**30, 10**9):
        yield refused(f"§3.29–30 length {length}", post(b"Content-Length: %d\r\n" % length), (400, 413))
    yield refused("§3.31 chunks on 1.0", head(b"POST /p HTTP/1.0", te) + b"0\r\n\r\n", 400)
    for coding in (b"gzip", b"identity", b"xchunked", b"chunked, gzip", b"", b"chunked, chunked", b"\"chunked\"",
                   b"chunked;a=b", b"chunked\x0b", b"gzip, chunked"):
        line = b"Transfer-Encoding: " + coding + b"\r\n"
        yield refused(f"§3.32–33 coding {coding!r}", post(line, b"0\r\n\r\n"), (400, 501))
    for size in (b"0x5", b"+5", b"-5", b"5_", b" 5", b"5 ", b"", b"G", b"11111111111111111", b"FFFFFFFFFFFFFFFF"):
        yield refused(f"§3.35–36 chunk size {size!r}", post(te, size + b"\r\nabcde\r\n0\r\n\r\n"), (400, 413))
    yield refused("§3.37 a chunk too long", post(te, b"3\r\nabcd\r\n0\r\n\r\n"), 400)
    yield refused("§3.39 a bare semicolon", post(te, b"3;\r\nabc\r\n0\r\n\r\n"), 400)
    yield Case("§3.45 cut short", post(b"Content-Length: 5\r\n", b"abc"), [400], closes=True, end=True)


def connection():
    yield Case("§3.48 HTTP/1.0", head(b"GET / HTTP/1.0"), [200], closes=True, echo={"version": "1.0"})
    yield Case("§3.48 HTTP/1.0 that goes on", head(b"GET / HTTP/1.0", b"Connection: keep-alive\r\n"), [200])
    yield Case("§3.49 close", head(b"GET / HTTP/1.1", b"Connection: foo, Close\r\n"), [200], closes=True)
    yield Case("§3.50 ten in a row", NEXT * 10, [200] * 10, methods=("GET",) * 10)
    yield Case("§3.51 good, then bad", NEXT + head(b"GET  / HTTP/1.1"), [200, 400], closes=True, methods=("GET",) * 2)
    yield Case("§3.54 half-close", NEXT, [200], closes=True, end=True)
    yield Case("§3.57 upgrade", head(b"GET / HTTP/1.1", b"Connection: Upgrade\r\nUpgrade: websocket\r\n"), [200])
    yield Case("§3.59 another expectation", head(b"GET / HTTP/1.1", b"Expect: x\r\n"), [417])
    yield Case("§3.60 Expect on 1.0", head(b"POST / HTTP/1.0", b"Expect: 100-continue\r\nContent-Length: 1\r\n") + b"a",
               [200], closes=True, methods=("POST",), echo={"body": "a"})


def shapes():
    """Answers of other shapes than a document with its length."""
    yield Case("§3.61 HEAD", head(b"HEAD / HTTP/1.1"), [200], methods=("HEAD",))
    yield Case("§3.61 HEAD of chunks", head(b"HEAD /?answer=chunked HTTP/1.1"), [200], methods=("HEAD",))
    yield Case("§3.61 a refused HEAD", b"HEAD / HTTP/1.1\r\n\r\n", [400], methods=("HEAD",))
    yield Case("§3.62 204", head(b"GET /?answer=204 HTTP/1.1"), [204])
    yield Case("§3.62 304", head(b"GET /?answer=304 HTTP/1.1"), [304])
    yield Case("chunks", head(b"GET /?answer=chunked HTTP/1.1"), [200], echo={"uri": "/?answer=chunked"})
    yield Case("§3.70 chunks for 1.0", head(b"GET /?answer=chunked HTTP/1.0"), [200], closes=True,
               echo={"uri": "/?answer=chunked"})
    yield Case("§3.71 cut off", head(b"GET /?answer=abort HTTP/1.1"), [200], closes=True, truncated=True)
    yield Case("chunks, then more", head(b"GET /?answer=chunked HTTP/1.1") + NEXT, [200, 200], methods=("GET",) * 2)


class Failure(Exception):
    pass


class Client:
    """A socket whose every incoming byte goes through h11."""

    def __init__(self, port, context):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.parser = h11.Connection(our_role=h11.CLIENT)
        self.octets = 0

    def send(self, data, one_by_one):
        pieces = [data[i:i + 1] for i in range(len(data))] if one_by_one else [data]
        for piece in pieces:
            try:
                self.socket.sendall(piece)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                return

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.octets += len(data)
        self.parser.receive_data(data)

    def event(self):
        while True:
            event = self.parser.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.receive()

    def answer(self, method):
        """One answer, interim ones left out: its status and body."""
        if self.parser.our_state is h11.IDLE:
            self.parser.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
            self.parser.send(h11.EndOfMessage())
        body = b""
        status = None
        while True:
            event = self.event()
            if isinstance(event, h11.Response):
                status = event.status_code
                self.check_fields(event)
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return status, body
            elif isinstance(event, h11.ConnectionClosed):
                raise Failure("closed where an answer was due")

    @staticmethod
    def check_fields(response):
        names = [name for name, _ in response.headers]
        if names.count(b"date") != 1:
            raise Failure("an answer without its Date")
        if len(names) != len(set(names)):
            raise Failure("an answer with a field given twice")

    def goes_on(self):
        if self.parser.their_state is h11.MUST_CLOSE:
            return False
        self.parser.start_next_cycle()
        return True

    def rest(self):
        """Whatever else comes until the connection ends."""
        data = bytes(self.parser.trailing_data[0])
        while True:
            try:
                more = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError):
                more = b""
            if not more:
                return data
            data += more


def compare(echo, body):
    document = json.loads(body)
    for name, wanted in echo.items():
        got = document[name]
        if name == "headers":
            got = [[base64.b64decode(text) for text in pair] for pair in got]
            wanted = [[text if isinstance(text, bytes) else text.encode() for text in pair] for pair in wanted]
        else:
            got, wanted = base64.b64decode(got), wanted.encode()
        if got != wanted:
            raise Failure(f"{name} was parsed as {got!r}, not {wanted!r}")


def run(case, way, port, context):
    client = Client(port, context)
    with client.socket:
        follows = way == "with a request behind it" and not case.end
        client.send(case.data + (NEXT if follows else b""), way == "byte by byte")
        if case.end:
            client.socket.shutdown(socket.SHUT_WR)
        try:
            judge(case, client, follows)
        finally:
            run.octets += client.octets
            run.answers += len(case.answers)


def judge(case, client, follows):
    goes_on = True
    for method, wanted in zip(case.methods, case.answers):
        if case.truncated:
            return judge_truncation(client, method)
        status, body = client.answer(method)
        if status != wanted and not (isinstance(wanted, tuple) and status in wanted):
            raise Failure(f"{status} instead of {wanted}")
        if case.echo is not None and wanted == 200:
            compare(case.echo, body)
        goes_on = client.goes_on()
    if case.closes:
        if goes_on and not case.end:
            raise Failure("the last answer does not say that the connection ends")
        if client.rest():
            raise Failure("something came after the last answer")
        return
    if not goes_on:
        raise Failure("the connection ends, and should go on")
    if not follows:
        client.send(NEXT, False)
    status, body = client.answer("GET")
    if status != 200:
        raise Failure(f"the next request got {status}")
    compare({"method": "GET", "uri": "/next", "body": ""}, body)


def judge_truncation(client, method):
    try:
        client.answer(method)
    except h11.RemoteProtocolError:
        return
    raise Failure("the answer looks complete")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--ca", help="speak TLS and trust this certificate")
    options = options.parse_args()
    context = ssl.create_default_context(cafile=options.ca) if options.ca else None
    run.octets = run.answers = 0
    count = failed = 0
    for case in cases():
        if context and case.end:
            # Python's TLS sockets end both directions at once.
            continue
        for way in ("whole", "byte by byte", "with a request behind it"):
            count += 1
            try:
                run(case, way, options.port, context)
            except (Failure, h11.RemoteProtocolError, OSError) as error:
                failed += 1
                print(f"FAILED: {case.name}, {way}: {error}", file=sys.stderr)
    over = "TLS" if context else "plain TCP"
    print(f"{count} connections over {over}, {run.answers} answers, {run.octets} bytes parsed by h11, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
