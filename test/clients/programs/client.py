# python3 client.py KIND PROXY [METHOD URL BYTES]...: KIND is http.client, urllib or requests. See client.mjs.
import hashlib
import http.client
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

kind, proxy, *words = sys.argv[1:]
trust = os.environ.get("SSL_CERT_FILE")


def show(status, version, fields, body):
    print(f"status {status} {version}")
    for name, value in fields:
        print(f"field {name}: {value}")
    print(f"body {hashlib.sha256(body).hexdigest()} {len(body)}")
    print("end", flush=True)


versions = {10: "1.0", 11: "1.1"}
open_connections = {}


def by_http_client(method, url, body):
    parts = urllib.parse.urlsplit(url)
    target = parts.path
    key = (parts.scheme, parts.netloc)
    if key not in open_connections:
        via = urllib.parse.urlsplit(proxy) if proxy != "-" else None
        at = (via or parts).hostname, (via or parts).port
        if parts.scheme == "http":
            made = http.client.HTTPConnection(*at, timeout=15)
        else:
            made = http.client.HTTPSConnection(*at, timeout=15, context=ssl.create_default_context())
            if via is not None:
                made.set_tunnel(parts.hostname, parts.port)
        open_connections[key] = made
    connection = open_connections[key]
    headers = {}
    if parts.scheme == "http" and proxy != "-":
        target = url
        headers["Host"] = parts.netloc
    try:
        connection.request(method, target, body=body or None, headers=headers)
        answer = connection.getresponse()
        show(answer.status, versions[answer.version], answer.getheaders(), answer.read())
    except Exception:
        connection.close()
        raise


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def by_urllib(method, url, body):
    proxies = {} if proxy == "-" else {"http": proxy, "https": proxy}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), NoRedirect())
    request = urllib.request.Request(url, method=method, data=body or None)
    try:
        answer = opener.open(request, timeout=15)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        show(answer.status, versions[answer.version], answer.headers.items(), answer.read())


def by_requests(method, url, body):
    import requests

    if "session" not in open_connections:
        made = requests.Session()
        made.trust_env = False
        made.proxies = {} if proxy == "-" else {"http": proxy, "https": proxy}
        made.verify = trust if trust is not None else True
        open_connections["session"] = made
    answer = open_connections["session"].request(method, url, data=body or None, allow_redirects=False, timeout=15)
    show(answer.status_code, versions[answer.raw.version], answer.raw.headers.items(), answer.content)


ways = {"http.client": by_http_client, "urllib": by_urllib, "requests": by_requests}
failed = 0
for at in range(0, len(words), 3):
    method, url, size = words[at : at + 3]
    try:
        ways[kind](method, url, b"x" * int(size))
    except Exception as error:
        failed = 1
        reason = getattr(error, "reason", error)
        text = getattr(reason, "verify_message", None) or str(reason)
        print(f"error {type(reason).__name__} {' '.join(text.split())[:120]}")
        print("end", flush=True)
sys.exit(failed)
