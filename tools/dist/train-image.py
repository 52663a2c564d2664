"""train-image.py PROGRAM PORT: serves one image, made of one static program at /p, as a registry on 127.0.0.1:PORT.

The build trains the daemon's AOT cache by a pull of it and one pod of it; no other use.
"""
import gzip
import hashlib
import http.server
import io
import json
import sys
import tarfile

program, port = sys.argv[1], int(sys.argv[2])


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("dev", "proc", "sys", "etc"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        data = open(program, "rb").read()
        entry = tarfile.TarInfo("p")
        entry.size, entry.mode = len(data), 0o755
        tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


plain = layer()
packed = gzip.compress(plain, mtime=0)
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/p"]},
                     "rootfs": {"type": "layers", "diff_ids": [digest(plain)]}}).encode()
KIND = "application/vnd.oci.image."
manifest = json.dumps({
    "schemaVersion": 2, "mediaType": KIND + "manifest.v1+json",
    "config": {"mediaType": KIND + "config.v1+json", "digest": digest(config), "size": len(config)},
    "layers": [{"mediaType": KIND + "layer.v1.tar+gzip", "digest": digest(packed), "size": len(packed)}],
}).encode()
blobs = {digest(config): config, digest(packed): packed}


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self):
        last = self.path.rsplit("/", 1)[-1]
        if self.path == "/v2/":
            self.answer(b"{}", "application/json")
        elif "/manifests/" in self.path:
            self.answer(manifest, KIND + "manifest.v1+json")
        elif last in blobs:
            self.answer(blobs[last], "application/octet-stream")
        else:
            self.answer(b"{}", "application/json", 404)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Registry).serve_forever()
