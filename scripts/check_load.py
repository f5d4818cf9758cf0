"""What check-load needs of clients: many that stay idle, many that come at once, and one that watches how it is served."""

import argparse
import resource
import socket
import sys
import time

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
SECONDS = 10


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def ask(client):
    """Seconds until the answer has begun; raises when it is not 200."""
    begun = time.monotonic()
    client.sendall(REQUEST)
    answer = client.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise OSError(f"not served: {answer[:40]!r}")
    return time.monotonic() - begun


def memory(process):
    """Resident bytes of a process."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def idle(options):
    """Opens so many connections, leaves them, and has others served meanwhile."""
    before = memory(options.process)
    held = [connect(options.port) for _ in range(options.count)]
    # Half of them have been served once: what that needed must not stay.
    for client in held[::2]:
        ask(client)
    after = memory(options.process)
    waits = sorted(ask(connect(options.port)) for _ in range(500))
    for client in held:
        client.settimeout(0)
        try:
            closed = client.recv(1) == b""
        except BlockingIOError:
            closed = False
        if closed:
            raise OSError("an idle connection was closed")
    print(
        f"idle: {len(held)} connections held, {before >> 20} MiB before, {after >> 20} MiB with them "
        f"({(after - before) / len(held) / 1024:.1f} KiB each); 500 others served, "
        f"median {1000 * waits[250]:.1f} ms, slowest {1000 * waits[-1]:.1f} ms")


def flood(options):
    """More connections than the server has descriptors; then it must serve as before."""
    crowd = []
    for _ in range(options.count):
        client = socket.socket()
        client.settimeout(1)
        if client.connect_ex(("127.0.0.1", options.port)) == 0:
            crowd.append(client)
    for client in crowd:
        client.close()
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            ask(connect(options.port))
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    print(f"flood: {len(crowd)} connections to a server with few descriptors, served again afterwards")


def probe(options):
    """Asks twenty times a second for so many seconds, each time on a new connection."""
    waits = []
    end = time.monotonic() + options.count
    while time.monotonic() < end:
        begun = time.monotonic()
        with connect(options.port) as client:
            ask(client)
        waits.append(time.monotonic() - begun)
        time.sleep(0.05)
    waits.sort()
    slowest = waits[-1]
    print(
        f"{options.name}: {len(waits)} requests of another client, all 200, median {1000 * waits[len(waits) // 2]:.1f} ms, "
        f"slowest {1000 * slowest:.1f} ms")
    if slowest > options.patience:
        sys.exit(f"check-load: another client waited {slowest:.1f} s")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", choices=["idle", "flood", "probe"])
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--count", type=int, required=True)
    options.add_argument("--process", type=int)
    options.add_argument("--name", default="probe")
    options.add_argument("--patience", type=float, default=2)
    options = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    {"idle": idle, "flood": flood, "probe": probe}[options.what](options)


if __name__ == "__main__":
    main()
