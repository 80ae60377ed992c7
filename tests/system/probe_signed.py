"""Signatures of requests judged by the published rules, from what arrived:
OAuth 1 (RFC 5849, section 3.4) and AWS's version 4 (IAM User Guide, "Create a
signed AWS API request")."""
import base64
import calendar
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote, unquote_to_bytes

FRESH = 60  # seconds that a clock may be wrong
# Whose paths are encoded once and not normalised.
ONCE = ("s3", "s3-object-lambda", "s3-outposts", "s3express")
SHOWS_HASH = ONCE + ("aoss",)


def encode(data):
    return quote(data, safe="-._~")


def form_pairs(text):
    """As application/x-www-form-urlencoded, encoded anew."""
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append(tuple(encode(unquote_to_bytes(s.replace("+", " ")))
                               for s in (name, value)))
    return pairs


def joined(pairs):
    return "&".join("%s=%s" % pair for pair in sorted(pairs))


def target_parts(target):
    path, _, query = target.partition("?")
    return path, query


def oauth1_base(command, scheme, host, target, form, own):
    path, query = target_parts(target)
    host = host.lower()
    default = {"http": ":80", "https": ":443"}[scheme]
    if host.endswith(default):
        host = host[:-len(default)]
    pairs = form_pairs(query) + form_pairs(form) + [
        (encode(name), encode(value)) for name, value in own.items()]
    return "&".join((command.upper(), encode("%s://%s%s" % (
        scheme, host, path)), encode(joined(pairs))))


def is_oauth1(command, target, headers, body, secrets, keys, realm):
    """secrets: of consumer and token; keys: their names."""
    scheme, _, rest = (headers.get("Authorization") or "").partition(" ")
    given = dict(re.findall(r'([\w]+)="((?:[^"\\]|\\.)*)"', rest))
    if scheme != "OAuth" or given.pop("realm", "") != realm.replace(
            "\\", "\\\\").replace('"', '\\"'):
        return False
    given = {name: unquote(value) for name, value in given.items()}
    signature = given.pop("oauth_signature", "")
    kind = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
    form = body if kind == "application/x-www-form-urlencoded" else ""
    base = oauth1_base(command, "http", headers["Host"], target, form, given)
    digest = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}[
        given["oauth_signature_method"]]
    expected = hmac.digest("&".join(map(encode, secrets)).encode(),
                           base.encode(), digest)
    return (base64.b64encode(expected).decode() == signature
            and abs(time.time() - int(given["oauth_timestamp"])) < FRESH
            and (given["oauth_consumer_key"], given["oauth_token"]) == keys)


def normalised(path):
    """RFC 3986, 5.2.4, and of several slashes only one is left."""
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    end = "/" if path.endswith(("/", "/.", "/..")) and parts else ""
    return "/" + "/".join(parts) + end


def sigv4_path(path, service):
    if service in ONCE:
        return quote(unquote_to_bytes(path), safe="/-._~")
    return quote(normalised(path).encode("latin-1"), safe="/-._~")


def sigv4_canonical(command, target, headers, body, service, names):
    """headers: all that came, as pairs."""
    path, query = target_parts(target)
    lines, hashed = "", hashlib.sha256(body.encode()).hexdigest()
    for name in names:
        values = [re.sub(r"\s+", " ", value.strip()) for key, value in headers
                  if key.lower() == name]
        assert values, name + " is signed and was not sent"
        lines += name + ":" + ",".join(values) + "\n"
    for key, value in headers:
        if key.lower() == "x-amz-content-sha256":
            hashed = value.strip()
    return "\n".join((command, sigv4_path(path, service),
                      joined(form_pairs(query)), lines, ";".join(names),
                      hashed))


def sigv4_signature(secret, date, scope, canonical):
    text = "\n".join(("AWS4-HMAC-SHA256", date, scope,
                      hashlib.sha256(canonical.encode("latin-1")).hexdigest()))
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([a-z\d-]+)/([a-z\d-]+)/"
    r"aws4_request, SignedHeaders=([a-z\d;-]+), Signature=([0-9a-f]{64})")


def must_be_signed(name):
    return (name in ("host", "content-type") or name.startswith("x-amz-"))


def sigv4_fault(command, target, headers, body, key_id, secret):
    """What is wrong with it; None if nothing is."""
    one = {name.lower(): value for name, value in headers}
    match = CREDENTIAL.fullmatch(one.get("authorization", ""))
    if not match:
        return "no such header"
    given, day, region, service, signed, signature = match.groups()
    names, date = signed.split(";"), one.get("x-amz-date", "")
    if given != key_id or not re.fullmatch(r"\d{8}T\d{6}Z", date):
        return "key or date"
    moment = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    if abs(time.time() - moment) > FRESH or not date.startswith(day):
        return "clock"
    if names != sorted(set(names)):
        return "order of headers"
    if [name for name in one if must_be_signed(name) and name not in names]:
        return "not all signed"
    hashed = hashlib.sha256(body.encode()).hexdigest()
    if one.get("x-amz-content-sha256", "" if service in SHOWS_HASH else
               hashed) not in (hashed, "UNSIGNED-PAYLOAD"):
        return "hash of the body"
    canonical = sigv4_canonical(command, target, headers, body, service,
                                names)
    if signature != sigv4_signature(secret, date, "/".join((
            day, region, service, "aws4_request")), canonical):
        return "signature of " + canonical
    return None
