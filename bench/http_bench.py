# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""patd-http beside the same parser that answers a constant and beside nginx, and a clone through
the gateway beside one through nginx as a plain proxy. Runs inside of tools/play.sh, as root:
http_bench.py [--json] [--rounds N] [--calls N] [--memory N] [--megabytes N] [--clones N]"""
import argparse
import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("http", "integration"):
    sys.path.insert(0, f"{HERE}/../tests/{folder}")
import own_http  # noqa: E402: the paths come first
from gateway_site import CERTIFICATES, NginxSite  # noqa: E402
from own_http import AUDIENCE, PLAY, create, make_user, request  # noqa: E402
from own_patd import find_process  # noqa: E402: tools/lib too
from gateway_test import configure_patd  # noqa: E402
from processes import said  # noqa: E402

BUILD = os.environ["PATD_BUILD_DIR"]
LOAD = f"{BUILD}/bench/http_load"
FOLDER = f"{PLAY}/home/bench"
CLIENTS = 8
FORGE = "forge.example"
SECRET = f"ghp_{secrets.token_hex(20)}"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Table:
    """As the programs of bench/ print theirs (report.cc)."""

    def __init__(self, title, notes):
        self.title, self.notes, self.measured, self.ratios = title, notes, [], []

    def add(self, name, unit, values):
        ordered = sorted(values)
        self.measured.append({"name": name, "unit": unit, "median": statistics.median(ordered),
                              "p90": ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]})

    def add_ratio(self, name, value, bound=None, target=None):
        ratio = {"name": name, "value": value}
        if bound:
            met = value <= target if bound == "at_most" else value >= target
            ratio |= {bound: target, "met": met}
        self.ratios.append(ratio)

    def as_dict(self):
        return {"title": self.title, "notes": self.notes, "measured": self.measured,
                "ratios": self.ratios}

    def print(self):
        def number(value):
            return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
        print(f"\n### {self.title}\n", *self.notes, "\n| measured | unit | median | p90 |",
              "|---|---|---|---|", sep="\n")
        for row in self.measured:
            print(f"| {row['name']} | {row['unit']} | {number(row['median'])} | "
                  f"{number(row['p90'])} |")
        print("\n| ratio | value | target | met |\n|---|---|---|---|")
        for row in self.ratios:
            target = (f"<= {row['at_most']:.3g}" if "at_most" in row
                      else f">= {row['at_least']:.3g}" if "at_least" in row else "")
            met = {True: "yes", False: "NO", None: ""}[row.get("met")]
            print(f"| {row['name']} | {row['value']:.3f} | {target} | {met} |")


def measure_rounds(contenders, rounds):
    """{name: values}; one round more goes first, and each begins with another contender."""
    found = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(rounds + 1):
        for name in names:
            value = contenders[name]()
            if turn > 0:
                found[name].append(value)
        names.append(names.pop(0))
    return found


def paired(found, one, other):
    return statistics.median(a / b for a, b in zip(found[one], found[other]))


def start_nginx(name, text, account=None):
    """An nginx of one's own; returns when its configuration was read."""
    folder = f"{FOLDER}/{name}"
    os.makedirs(folder)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(f"daemon off;\npid {folder}/pid;\nerror_log {folder}/log warn;\n"
                   f"{'user ' + account + ';' if account else 'user root;'}\n"
                   "events { worker_connections 256; }\n"
                   f"http {{\naccess_log off;\n{temporary}{text}\n}}\n")
    command = ["nginx", "-e", "stderr", "-c", f"{folder}/nginx.conf"]
    subprocess.run([*command, "-t", "-q"], check=True, env={"PATH": PATH})
    return subprocess.Popen(command, env={"PATH": PATH})


def await_listener(path):
    for _ in range(1000):
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(path)
            return
        time.sleep(0.01)
    raise ConnectionError(path)


def load(path, files, end, calls):
    done = subprocess.run([LOAD, path, str(CLIENTS), str(calls), end, *files], check=True,
                          stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def write_requests(alice):
    """The files of each kind of request, one for each client."""
    names = {"/authorize": [], "/introspect": []}
    for client in range(CLIENTS):
        secret = create(alice)
        pair = base64.b64encode(f"alice:{secret}".encode()).decode()
        texts = {"/authorize": request("GET", "/authorize?permission=vcs:repository:ro&audience="
                                       + AUDIENCE, f"Authorization: Basic {pair}"),
                 "/introspect": request("POST", f"/introspect?audience={AUDIENCE}",
                                        "Content-Type: application/x-www-form-urlencoded",
                                        body=f"token={secret}".encode())}
        for kind, text in texts.items():
            name = f"{FOLDER}{kind}-{client}"
            with open(name, "wb") as file:
                file.write(text)
            names[kind].append(name)
    return names


def measure_requests(options, alice):
    http = own_http.OwnHttp(FOLDER, "[Http]\nIntrospectionAccounts=root\n")
    http.start()
    beasts = [subprocess.Popen([f"{BUILD}/bench/beast_server", f"{FOLDER}/{name}", *how])
              for name, how in (("beast", ()), ("beast-asks", ("--asks",)))]
    nginx = start_nginx("constant", "keepalive_requests 1000000000;\nserver {\n"
                        f"listen unix:{FOLDER}/nginx;\nlocation / {{ return 200 \"ok\\n\"; }}\n}}")
    for path in (f"{FOLDER}/beast", f"{FOLDER}/beast-asks", f"{FOLDER}/nginx"):
        await_listener(path)
    kinds = write_requests(alice)
    ends = {"/authorize": "\r\n\r\n", "/introspect": "}"}
    contenders = {}
    for kind, files in kinds.items():
        for name, path, end in ((f"patd-http {kind}", http.path, ends[kind]),
                                (f"Beast, constant ({kind})", f"{FOLDER}/beast", "ok\n"),
                                (f"Beast that asks ({kind})", f"{FOLDER}/beast-asks", "ok\n"),
                                (f"nginx return 200 ({kind})", f"{FOLDER}/nginx", "ok\n")):
            contenders[name] = (lambda path=path, files=files, end=end:
                                load(path, files, end, options.calls))
    found = measure_rounds(contenders, options.rounds)
    table = Table("HTTP: /authorize and /introspect", [
        f"{CLIENTS} clients on kept connections to UNIX sockets, 8 tokens, {options.rounds} rounds "
        f"of {options.calls} requests each. The peers get the same requests, and answer with "
        "a constant; one of them first asks a process that answers at once."])
    for name, values in found.items():
        table.add(name, "requests/s", values)
    for kind in kinds:
        table.add_ratio(f"patd-http {kind} / Beast, constant",
                        paired(found, f"patd-http {kind}", f"Beast, constant ({kind})"),
                        "at_least", 0.75)
        table.add_ratio(f"patd-http {kind} / nginx return 200",
                        paired(found, f"patd-http {kind}", f"nginx return 200 ({kind})"),
                        "at_least", 0.6)
        for other in ("Beast, constant", "nginx return 200"):
            table.add_ratio(f"Beast that asks ({kind}) / {other}",
                            paired(found, f"Beast that asks ({kind})", f"{other} ({kind})"))
    if options.memory:
        pids = {"patd-http": http.pid, "patd": find_process("patd")}
        def ask(count):
            for kind, files in kinds.items():
                load(http.path, files, ends[kind], count // 2 // CLIENTS)
        ask(options.memory // 2)
        before = {name: resident(pid) for name, pid in pids.items()}
        ask(options.memory)
        for name, pid in pids.items():
            table.add(f"{name} before", "KiB", [before[name]])
            table.add(f"{name} after {options.memory} requests more", "KiB", [resident(pid)])
            table.add_ratio(f"memory of {name}, after / before", resident(pid) / before[name],
                            "at_most", 1.02)
    http.close()
    for process in (*beasts, nginx):
        process.terminate()
        process.wait()
    return table


FORGE_SERVER = """
server {
    listen 127.0.0.1:%(port)d ssl;
    ssl_certificate %(certificate)s;
    ssl_certificate_key %(certificate)s;
    client_max_body_size 0;
    location ~ ^/team(?<git_path>/.*)$ {
        if ($http_authorization != "Basic %(pair)s") { return 401; }
        fastcgi_pass unix:%(folder)s/fcgiwrap;
        fastcgi_buffering off;
        fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
        fastcgi_param GIT_PROJECT_ROOT %(folder)s/repositories;
        fastcgi_param GIT_HTTP_EXPORT_ALL 1;
        fastcgi_param GIT_PROTOCOL $http_git_protocol;
        fastcgi_param PATH_INFO $git_path;
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param CONTENT_TYPE $content_type;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
    }
}
"""
# As the gateway streams, and nothing else.
PROXY_SERVER = """
upstream %(name)s { server 127.0.0.1:%(port)d; }
server {
    listen 127.0.0.1:%(own)d;
    client_max_body_size 0;
    location / {
        proxy_pass https://%(name)s;
        proxy_http_version 1.1;
        proxy_set_header Authorization "Basic %(pair)s";
        proxy_set_header Connection "";
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_buffer_size 16k;
        proxy_buffers 4 16k;
        proxy_ssl_server_name on;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate %(authorities)s;
    }
}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Forge:
    """nginx with TLS in front of git http-backend, and one repository of random bytes."""

    def __init__(self, certificate, megabytes):
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        pair = base64.b64encode(f"al:{SECRET}".encode()).decode()
        self.facts = {"port": self.port, "certificate": certificate, "pair": pair,
                      "folder": FOLDER, "name": FORGE, "authorities": CERTIFICATES}
        work, bare = f"{FOLDER}/work", f"{FOLDER}/repositories/project.git"
        os.makedirs(work)
        for number in range(megabytes):
            with open(f"{work}/{number}", "wb") as file:
                file.write(os.urandom(1 << 20))
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.compression=0"]
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"],
                          ["clone", "-q", "--bare", "--no-local", work, bare]):
            subprocess.run([*git, *arguments], cwd=work, check=True)
        shutil.rmtree(work)
        subprocess.run(["chown", "-R", "www-data:www-data", f"{FOLDER}/repositories"], check=True)
        with socket.socket(socket.AF_UNIX) as backend:
            backend.bind(f"{FOLDER}/fcgiwrap")
            os.chmod(f"{FOLDER}/fcgiwrap", 0o666)
            backend.listen(64)
            self.wrap = subprocess.Popen(["fcgiwrap", "-f", "-c", "2"], stdin=backend.fileno(),
                                         user="www-data", group="www-data", extra_groups=[],
                                         env={"PATH": PATH, "HOME": "/nonexistent"})
        self.nginx = start_nginx("forge", FORGE_SERVER % self.facts, "www-data")

    def close(self):
        for process in (self.nginx, self.wrap):
            process.send_signal(signal.SIGTERM)
            process.wait()


def clone(alice, url):
    target = f"{alice.pw_dir}/clone"
    began = time.monotonic()
    subprocess.run(["git", "-c", "pack.threads=1", "clone", "-q", "--bare", url, target],
                   user=alice.pw_uid, group=alice.pw_gid, extra_groups=[], check=True,
                   env={"PATH": f"{PLAY}/bin:{PATH}", "HOME": alice.pw_dir,
                        "GIT_TERMINAL_PROMPT": "0"})
    seconds = time.monotonic() - began
    shutil.rmtree(target)
    return seconds


def measure_clones(options, alice):
    site = NginxSite(FORGE)
    configure_patd(f"GatewayOrigin={site.origin}\n")
    import_token(alice)
    for arguments in (("setup", "git"), ("setup", "gateway")):
        run_as(alice, *arguments)
    forge = Forge(site.certificate, options.megabytes)
    own = free_port()
    proxy = start_nginx("proxy", PROXY_SERVER % (forge.facts | {"own": own}))
    site.forge = forge
    found = measure_rounds({"gateway": lambda: clone(alice, f"https://{FORGE}/team/project.git"),
                            "nginx": lambda: clone(alice,
                                                   f"http://127.0.0.1:{own}/team/project.git")},
                           options.clones)
    proxy.terminate()
    proxy.wait()
    forge.close()
    site.close()
    table = Table("HTTP: a clone through the gateway", [
        f"A bare clone of {options.megabytes} MiB of random bytes from nginx with TLS and git "
        f"http-backend, {options.clones} rounds; through the gateway as shipped, and through nginx "
        "that sends everything on, with the same streaming and TLS."])
    table.add("clone through the gateway", "s", found["gateway"])
    table.add("clone through nginx as a plain TLS proxy", "s", found["nginx"])
    table.add_ratio("gateway / plain proxy", paired(found, "gateway", "nginx"), "at_most", 1.1)
    return table


def run_as(account, *arguments, fds=()):
    return subprocess.run(["patctl", *arguments], user=account.pw_uid, group=account.pw_gid,
                          extra_groups=[], env=os.environ | {"HOME": account.pw_dir},
                          pass_fds=fds, check=True, stdout=subprocess.PIPE, text=True).stdout


def import_token(account):
    with said(f"{own_http.PASSWORD}\n") as password, said(f"{SECRET}\n") as secret:
        run_as(account, "import", "forge", "--through-gateway", "-p", "vcs:repository:ro", "-t",
               f"https://{FORGE}/team", "-u", "al", "--password-fd", str(password.fileno()),
               "--secret-fd", str(secret.fileno()), fds=(password.fileno(), secret.fileno()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--memory", type=int, default=1_000_000)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--clones", type=int, default=5)
    options = parser.parse_args()
    os.makedirs(FOLDER, mode=0o755)
    for name in ("patd-http", "patd-http-gateway"):
        subprocess.run(["useradd", "--system", "--no-log-init", "-M", name], check=True,
                       stderr=subprocess.DEVNULL)
    alice = make_user("alice")
    tables = []
    if options.rounds:
        tables.append(measure_requests(options, alice))
    if options.clones:
        tables.append(measure_clones(options, alice))
    if options.json:
        print(json.dumps([table.as_dict() for table in tables], indent=2))
    else:
        for table in tables:
            table.print()


if __name__ == "__main__":
    main()
