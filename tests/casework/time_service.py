"""A time-stamping service on loopback: OpenSSL's ``ts`` behind a small HTTP server; protocol and signatures are real."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

CONF = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:false\n"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str = "invented authority") -> Path:
    """A certificate authority with a certificate for stamping; gives the authority's PEM file."""
    folder.mkdir()
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    ca = ("-x509", "-days", "30", "-subj", f"/CN={name}", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(folder, "req", *key, *ca, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl(folder, "req", *key, "-subj", "/CN=invented stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    (folder / "ext").write_text(EXTENSIONS, encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "ext")
    _openssl(folder, "x509", "-req", "-in", "tsa.csr", *signing, "-out", "tsa.pem")
    (folder / "conf").write_text(CONF.format(folder=folder), encoding="utf-8")
    return folder / "ca.pem"


@contextmanager
def service(folder: Path, status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """The service's address and the questions that it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(question)
            (folder / "question").write_bytes(question)
            options = ("-config", "conf", "-section", "one", "-queryfile", "question", "-out", "answer")
            _openssl(folder, "ts", "-reply", *options)
            answer = (folder / "answer").read_bytes()
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
