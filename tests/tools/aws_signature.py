# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Which key a request is signed with: AWS Signature Version 4, as its reference describes it."""
import hashlib
import hmac
import re
import urllib.parse

KIND = "AWS4-HMAC-SHA256"


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def find_key(request, keys):
    """(key id, secret) of `keys`; None if it is signed with none of them."""
    said = dict(re.findall(r"(\w+)=([^,]+)", request.headers["Authorization"]))
    key_id, day, region, service, _ = said["Credential"].split("/")
    path, _, query = request.path.partition("?")
    names = said["SignedHeaders"].split(";")
    canonical = "\n".join([
        request.command, urllib.parse.quote(path),
        "&".join(sorted(part if "=" in part else part + "=" for part in query.split("&") if part)),
        *(f"{name}:{' '.join(request.headers[name].split())}" for name in names), "",
        ";".join(names), request.headers["X-Amz-Content-SHA256"]])
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join([KIND, request.headers["X-Amz-Date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = keys.get(key_id, "")
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _mac(key, part)
    return (key_id, secret) if _mac(key, text).hex() == said["Signature"] else None
