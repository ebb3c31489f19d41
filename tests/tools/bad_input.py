# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Every name of the helper, as its tool starts it, and what no tool should say: hostile JSON and
places that are none. Nothing is released and nothing kept; whoever has a stream that is shown is
told why in one line."""
import json
import subprocess

from world import LINKS

HOST, SECRET = "host.example", "kept-for-host-example"
LABEL = "label"
NOT_FOUND = "credentials not found in native keychain\n"
GREETING = '{"v":[1]}\n'
SECONDS = 20


def cargo_says(place):
    return json.dumps({"v": 1, "registry": {"index-url": f"sparse+{place}"}, "kind": "get",
                       "operation": "read"}, ensure_ascii=False) + "\n"


def kubectl_says(place):
    return json.dumps({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
                       "spec": {"cluster": {"server": place}}}, ensure_ascii=False)


class Name:
    """`argv` and `says` are functions of a place; `says` is standard input, or the environment's
    KUBERNETES_EXEC_INFO. `none`: (status, output) where no token fits. `takes_hosts`: bare ones."""

    def __init__(self, argv, says=lambda place: "", none=(1, ""), takes_hosts=True):
        self.argv, self.says, self.none, self.takes_hosts = argv, says, none, takes_hosts


NAMES = {
    "pat-get": Name(lambda place: [place], takes_hosts=False),
    "docker-credential-pat": Name(lambda place: ["get"], lambda place: place, (1, NOT_FOUND)),
    "pat-askpass": Name(lambda place: [f"Password for '{place}': "], takes_hosts=False),
    "cargo-credential-pat": Name(
        lambda place: ["--cargo-plugin"], cargo_says,
        (0, GREETING + '{"Err":{"kind":"not-found"}}\n'), False),
    "pat-kubectl": Name(lambda place: [], kubectl_says),
    "pat-aws": Name(lambda place: [place]),
    "pat-keyring": Name(lambda place: ["get", place, "alice"]),
    "pat-go": Name(lambda place: [place], lambda place: "HTTP/1.1 401 Unauthorized\r\n\r\n",
                   (0, ""), takes_hosts=False),
    "terraform-credentials-pat": Name(lambda place: ["get", place], none=(0, "{}\n")),
    "pat-pnpm": Name(lambda place: [place], none=(0, ""), takes_hosts=False),
    "pat-vault-client": Name(lambda place: ["--vault-id", place], none=(2, "")),
    "pat-bazel": Name(lambda place: ["get"], lambda place: json.dumps({"uri": place}),
                      (0, '{"headers":{}}\n'), takes_hosts=False),
}
BAD_PLACES = (
    "ftp://host.example", "file:///etc/passwd", "ssh://git@host.example/x", "javascript:alert(1)",
    "https://alice:password@host.example", "alice:password@host.example",
    "https://pat1_0123456789@host.example", "host.example\nop=verify", "https://host.example\nx=y",
    "host\r.example", "https://host.example/\x01", " host.example", "host.example ",
    "https://host.example ", "", "https://", "https:///x", "host..example", "https://host..example",
    "https://host.example.", "https://host.example:99999", "https://host.example:0443",
    "https://host.example:443:443", "https://[::1", "https://b\u00fccher.example",
    "https://other.example", "https://host.example.evil.example",
    "https://host.example@evil.example",
    "https://host.example\\@evil.example", "https://evil.example#@host.example", "/etc/passwd",
    "http://host.example", "h" * 70000, "https://" + "h" * 70000)
GOOD_PLACES = ("host.example", "HOST.Example", "host.example:443", "https://host.example",
               "HTTPS://HOST.EXAMPLE:443", "https://host.example/", "https://host.example/a/b")
READERS = {  # of JSON: what they are sent when it is good
    "docker-credential-pat": (["store"], json.dumps(
        {"ServerURL": "new.example", "Username": "u", "Secret": "kept-by-mistake"})),
    "cargo-credential-pat": (["--cargo-plugin"], cargo_says("https://host.example")),
    "pat-kubectl": ([], kubectl_says("https://host.example")),
    "terraform-credentials-pat": (["store", "new.example"], '{"token": "kept-by-mistake"}'),
    "pat-bazel": (["get"], '{"uri": "https://host.example"}'),
}


def bad_json(good):
    """(what it is, text)"""
    good = good.strip()
    key = json.loads(good).popitem()
    inside = good.removeprefix("{").removesuffix("}")
    yield from ((f"cut off at {size}", good[:size]) for size in range(1, len(good), 9))
    yield "nothing", ""
    yield "too long", good[:-1] + ', "x": "' + "y" * 200000 + '"}'
    yield "nested too deeply", good[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}"
    yield "a key twice", good[:-1] + f", {json.dumps(key[0])}: {json.dumps(key[1])}" + "}"
    yield "two objects", good + good
    yield "a list", f"[{good}]"
    yield "a comment", "/**/" + good
    yield "a comma too many", "{" + inside + ",}"
    yield "half a surrogate pair", good[:-1] + ', "x": "\\udc00"}'
    for wrong in ("7", "null", "true", "[]", "{}"):
        yield f"{wrong} for a text", good.replace(json.dumps(key[1]), wrong)


def run(world, name, argv, said):
    environment = world.environment("/", {})
    stdin = said.encode("utf-8", "surrogatepass")
    if name == "pat-kubectl":
        environment["KUBERNETES_EXEC_INFO"], stdin = said.replace("\0", ""), b""
    done = subprocess.run([f"{LINKS}/{name}", *argv], input=stdin, env=environment, cwd="/",
                          user=world.uid, group=world.uid, extra_groups=[], check=False,
                          capture_output=True, timeout=SECONDS)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def fault_of_refusal(name, done):
    """What is wrong with how `name` says no; nothing if it is right."""
    status, output, errors = done
    row = NAMES[name]
    if "kept-" in output + errors or "password@" in errors:
        return "a secret is shown"
    if errors.count("\n") > 1:
        return f"more than a line: {errors}"
    if (status, output) == row.none or (output == "" and status != 0 and errors):
        return ""
    if name == "cargo-credential-pat" and status == 0 and output.startswith(f'{GREETING}{{"Err":'):
        return ""
    return f"status {status}, output {output!r}, errors {errors!r}"


def check(world):
    """Faults, one sentence each."""
    world.keep([f"https://{HOST}", f"aws://{LABEL}", f"vault://{LABEL}"], "alice", SECRET)
    before, faults = world.ids(), []
    for name, row in NAMES.items():
        for place in BAD_PLACES:
            if len(place) > 60000 and name == "pat-kubectl":
                continue  # longer than a variable of the environment
            fault = fault_of_refusal(name, run(world, name, row.argv(place), row.says(place)))
            faults += [f"{name} {place[:60]!r}: {fault}"] if fault else []
        for place in GOOD_PLACES if name not in ("pat-aws", "pat-vault-client") else (LABEL,):
            if "//" not in place and place != LABEL and not row.takes_hosts:
                continue
            _, output, errors = run(world, name, row.argv(place), row.says(place))
            is_given = SECRET in output or "YWxpY2U6" in output  # or alice: and it, as base64
            faults += [] if is_given and not errors else [f"{name} {place}: {errors}"]
    for name, (argv, good) in READERS.items():
        for what, text in bad_json(good):
            if len(text) > 100000 and name == "pat-kubectl" or text == "" and name == "pat-kubectl":
                continue
            end = "\n" if name == "cargo-credential-pat" else ""
            fault = fault_of_refusal(name, run(world, name, argv, text + end))
            faults += [f"{name}, {what}: {fault}"] if fault else []
    if world.ids() != before:
        faults.append("something was kept")
    return faults
