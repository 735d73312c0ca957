"""Peers that mean no good over TLS, for Benchmarks/hostile_peers: OpenSSL by ctypes where Python's own module is too polite."""
import ctypes, ctypes.util, os, socket, ssl, struct, subprocess, threading, time

REQUEST_KEY_UPDATE, TLS12, TLS13, KEPT_MIN, KEPT_MAX = 1, 0x0303, 0x0304, 123, 124
lib = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
for name, result, arguments in (
        ("TLS_client_method", ctypes.c_void_p, []), ("SSL_CTX_new", ctypes.c_void_p, [ctypes.c_void_p]),
        ("SSL_CTX_free", None, [ctypes.c_void_p]), ("SSL_free", None, [ctypes.c_void_p]),
        ("SSL_CTX_ctrl", ctypes.c_long, [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]),
        ("SSL_CTX_set_block_padding", ctypes.c_int, [ctypes.c_void_p, ctypes.c_size_t]),
        ("SSL_new", ctypes.c_void_p, [ctypes.c_void_p]), ("SSL_set_fd", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
        ("SSL_connect", ctypes.c_int, [ctypes.c_void_p]), ("SSL_do_handshake", ctypes.c_int, [ctypes.c_void_p]),
        ("SSL_renegotiate", ctypes.c_int, [ctypes.c_void_p]), ("SSL_key_update", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
        ("SSL_write", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]),
        ("SSL_read", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]),
        ("SSL_shutdown", ctypes.c_int, [ctypes.c_void_p]), ("SSL_version", ctypes.c_int, [ctypes.c_void_p])):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments


class Peer:
    """A TLS connection whose records, key updates and renegotiations are the caller's to ask for."""

    def __init__(self, port, version=TLS13, padding=0, patience=10):
        self.socket = socket.create_connection(("127.0.0.1", port), patience)
        self.socket.settimeout(None)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.socket.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", patience, 0))
        self.context = lib.SSL_CTX_new(lib.TLS_client_method())
        for control in (KEPT_MIN, KEPT_MAX):
            lib.SSL_CTX_ctrl(self.context, control, version, None)
        if padding:
            lib.SSL_CTX_set_block_padding(self.context, padding)
        self.ssl = lib.SSL_new(self.context)
        lib.SSL_set_fd(self.ssl, self.socket.fileno())
        self.is_up = lib.SSL_connect(self.ssl) == 1

    def send(self, data):
        return lib.SSL_write(self.ssl, data, len(data)) == len(data)

    def receive(self, count=1 << 16):
        buffer = ctypes.create_string_buffer(count)
        got = lib.SSL_read(self.ssl, buffer, count)
        return buffer.raw[:max(0, got)]

    def update_key(self):
        return lib.SSL_key_update(self.ssl, REQUEST_KEY_UPDATE) == 1 and lib.SSL_do_handshake(self.ssl) == 1

    def renegotiate(self):
        return lib.SSL_renegotiate(self.ssl) == 1 and lib.SSL_do_handshake(self.ssl) == 1 and bool(self.receive(1))

    def close(self):
        lib.SSL_free(self.ssl)
        lib.SSL_CTX_free(self.context)
        self.socket.close()

    def reset(self):
        """Goes without a word: what the system sends is a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def hello(name="localhost"):
    """A whole ClientHello."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def certificate(folder):
    """A certificate of its own for 127.0.0.1 and localhost: its file and that of its key."""
    paths = f"{folder}/certificate.pem", f"{folder}/key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True)
    return paths


class Watch:
    """What a process takes at most while others work on it: memory, descriptors, processor time."""

    def __init__(self, pid):
        self.pid, self.is_over = pid, False
        self.memory, self.descriptors, self.begun = 0, 0, self.seconds()
        self.first = self.resident()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def seconds(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        return int(open(f"/proc/{self.pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

    def work(self):
        while not self.is_over:
            try:
                self.memory = max(self.memory, self.resident())
                self.descriptors = max(self.descriptors, len(os.listdir(f"/proc/{self.pid}/fd")))
            except OSError:
                return
            time.sleep(0.02)

    def end(self):
        self.is_over = True
        self.thread.join()
        return f"at most {self.memory} MiB ({self.first} before), {self.descriptors} descriptors, {self.seconds() - self.begun:.1f} s of processor"


def closed_within(sockets, limit):
    """Waits until the other end has closed all; how many it has not, and seconds until the last."""
    import select
    begin, poll = time.time(), select.poll()
    left = {s.fileno(): s for s in sockets}
    for number in left:
        poll.register(number, select.POLLIN | select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    last = 0.0
    while left and time.time() - begin < limit:
        for number, _ in poll.poll(200):
            try:
                ended = left[number].recv(1 << 14, socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                continue
            except OSError:
                ended = True
            if ended:
                poll.unregister(number)
                del left[number]
                last = time.time() - begin
    return len(left), last
