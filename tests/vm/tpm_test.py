# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The master key and a real TPM interface, from the fresh package on: what seals the key, and
everything that happens to a machine afterwards. tools/test-tpm.sh starts it."""
import pathlib
import re
import subprocess
import sys
import time

import debian
from vm import DRIVER, MARK, Image, Machine, Tpm, VmError

PACKAGES = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "udev", "kmod", "initramfs-tools",
            "linux-image-amd64", "linux-image-cloud-amd64", "git", "procps", "tpm2-tools",
            "tpm-udev", "ca-certificates", "login", "passwd")
SECRET = "the-secret-of-alice"
PASSWORD = "correct horse battery staple"
PRELUDE = f"""
export LANG=C.UTF-8
sudo() {{ "$@"; }}
as_alice() {{ runuser -u alice -- "$@"; }}
get() {{ printf 'protocol=https\\nhost=%s\\n\\n' "$1" | as_alice git-credential-pat get; }}
# An emulated machine takes longer to start it than a helper waits.
if systemctl is-enabled -q patd.socket; then
    systemctl start patd.service || journalctl -q -b -o cat -u patd-key.service -u patd.service
fi
has_token() {{ get git.example | grep -qx 'password={SECRET}'; }}
sealed_by_tpm() {{ patctl status | grep -q '^Key  *sealed by the TPM and a key file'; }}
# An emulated machine may be too slow for it, and then the TPM is asked again after a minute: now
# and then, because nothing tells when, and whoever asks makes it slower.
counts() {{
    for try in $(seq 40); do
        patctl doctor | grep -q "how new the store is" || return 0
        read -r -t 10 never </dev/ttyS0 || true
    done
    return 1
}}
counts_above() {{
    for try in $(seq 40); do
        test "$(tpm_count)" -gt "$1" && return 0
        read -r -t 10 never </dev/ttyS0 || true
    done
    return 1
}}
tpm_id() {{ tpm2_nvreadpublic | grep -o '^0x1817[0-9a-f]*'; }}
tpm_count() {{ echo $((16#$(tpm2_nvread -C "$(tpm_id)" "$(tpm_id)" | od -An -tx1 | tr -d ' '))); }}
"""
SETTLE = f"""
systemctl enable --now patd.socket
printf '%s\\n%s\\n' '{PASSWORD}' '{PASSWORD}' >/run/answers
patctl admin passwd alice --password-fd 3 3</run/answers
as_alice patctl import first -t https://git.example -u alice --password-fd 3 --secret-fd 5 \\
    3<<<'{PASSWORD}' 5<<<'{SECRET}'
has_token
"""
# What status and doctor name, with the file's path filled in.
MEND = """
patctl status >/run/said || true
cat /run/said
fix=$(sed -n 's/^Fix  *//p' /run/said)
test -n "$fix"
eval "${fix/FILE//root/recovery}"
"""


def make_tree(suite, cache):
    tree = cache / f"tree-{suite}"
    if tree.is_dir():
        return tree
    making = cache / f"making-{suite}"
    subprocess.run(["rm", "-rf", making], check=True)
    debian.bootstrap(suite, str(making), PACKAGES, "--variant=minbase")
    making.rename(tree)
    return tree


def chroot(root, *command):
    done = subprocess.run(["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", *command],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise VmError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def install(root, package, *options):
    subprocess.run(["cp", package, root / "root/patd.deb"], check=True)
    # The name servers of the machine that makes it are good enough for apt.
    subprocess.run(["cp", "/etc/resolv.conf", root / "etc/resolv.conf"], check=True)
    chroot(root, "apt-get", "update")
    chroot(root, "apt-get", "install", "-y", *options, "/root/patd.deb")
    chroot(root, "useradd", "--create-home", "alice")
    (root / "etc/systemd/system/step.service").write_text(DRIVER)
    chroot(root, "systemctl", "enable", "step.service")


class Site:
    def __init__(self, work, package):
        self.work, self.package, self.trees = work, package, work.parent
        self.started = time.monotonic()

    def disk(self, name, suite, *options):
        image = Image(self.work / f"{name}.img")
        image.make(make_tree(suite, self.trees))
        image.change(lambda root: install(root, self.package, *options))
        return image

    def machine(self, name, suite, *options):
        return Machine(self.disk(name, suite, *options), Tpm(self.work / f"{name}-tpm"))

    def check(self, what, run, *arguments, **options):
        began = time.monotonic()
        said = run(*arguments, **options)
        print(f"ok {what} ({time.monotonic() - began:.0f} s)", flush=True)
        return said


def fresh(site, machine, name):
    said = site.check(f"{name}: the fresh package has its key sealed by the TPM", machine.run,
                      PRELUDE + SETTLE + """
journalctl -q -o cat -u patd-key.service
sealed_by_tpm
patctl doctor | grep 'TPM: no' && exit 1
patctl admin export-key /root/recovery
patctl admin backup /root/backup
""")
    if "sealed by the TPM" not in said:
        raise VmError(f"the journal does not say it: {said}")


def what_happens_to_a_machine(site, machine, name):
    again = PRELUDE + "has_token\nsealed_by_tpm\n"
    site.check(f"{name}: a reboot", machine.run, again)
    site.check(f"{name}: another kernel, another command line", machine.run, again, kernel=1,
               command_line="quiet audit=0 patd.test=1")
    pcrs = " ".join(f"tpm2_pcrextend {pcr}:sha256={'5a' * 32};" for pcr in (0, 4, 7, 11, 14))
    site.check(f"{name}: new firmware, boot loader and keys (PCR 0, 4, 7, 11, 14)", machine.run,
               PRELUDE + pcrs + "has_token\n")


def rotation(site, machine, name):
    site.check(f"{name}: 500 tokens more", machine.run, PRELUDE + f"""
for i in $(seq 500); do echo "https://bot:s-$i@host$i.example"; done >/run/many
chown alice /run/many
as_alice patctl import --from /run/many --password-fd 3 3<<<'{PASSWORD}'
""")
    site.check(f"{name}: a power cut right after rotate-key began", machine.run, PRELUDE + f"""
patctl status >/dev/null
patctl admin rotate-key & echo '{MARK}' >/dev/ttyS1
wait
read -r never </dev/ttyS0
""", cut_at_mark=True)
    every = """
has_token
for i in 1 250 500; do get "host$i.example" | grep -qx "password=s-$i"; done
"""
    site.check(f"{name}: every token is there, and the rotation ends", machine.run,
               PRELUDE + every + "patctl admin rotate-key\n" + every)
    site.check(f"{name}: a power cut after rotate-key --master", machine.run, PRELUDE + f"""
patctl admin rotate-key --master /root/recovery-2
sync /root/recovery-2 /root
echo '{MARK}' >/dev/ttyS1
read -r never </dev/ttyS0
""", cut_at_mark=True)
    site.check(f"{name}: the old key opens the store until the new one is in place, sealed by the "
               "TPM", machine.run, PRELUDE + every + """
patctl admin recover-key /root/recovery-2 --install
systemctl restart patd.service
rm /etc/patd/master-key.cred.old
mv /root/recovery-2 /root/recovery
""" + every + "sealed_by_tpm\n")


def put_back(site, machine, name):
    """An image of the disk is put back; the TPM is not. Returns the machine that goes on."""
    site.check(f"{name}: the TPM counts", machine.run, PRELUDE + f"""
systemctl -q is-active patd-counter.socket
test "$(tpm_count)" -gt 0
counts
as_alice patctl import doomed -t https://doomed.example -u alice --password-fd 3 --secret-fd 5 \\
    3<<<'{PASSWORD}' 5<<<doomed
get doomed.example | grep -qx password=doomed
""")
    doomed = machine.image.copy(site.work / f"{name}-doomed.img")
    site.check(f"{name}: a token is revoked, and the TPM counts that", machine.run, PRELUDE + """
counts
before=$(tpm_count)
patctl admin revoke alice doomed --yes
counts_above "$before"
get doomed.example | grep password && exit 1
has_token
""")
    old = Machine(doomed, machine.tpm)
    withheld = """
has_token && exit 1
get doomed.example | grep password && exit 1
patctl doctor >/run/said || true
grep 'put back to an older state' /run/said
"""
    site.check(f"{name}: an image of before it is put back, and gives nothing", old.run,
               PRELUDE + withheld)
    said = site.check(f"{name}: nor after a reboot, until root's word", old.run,
                      PRELUDE + withheld + """
patctl admin accept-rollback 2>&1 && exit 1
has_token && exit 1
patctl admin accept-rollback --revive
has_token
patctl admin revoke alice doomed --yes
""")
    for expected in ("whole machine was put back", "may have been revoked since"):
        if expected not in said:
            raise VmError(f"accept-rollback does not say {expected!r}: {said}")
    site.check(f"{name}: then it goes on as any", old.run, PRELUDE + """
counts
patctl doctor | grep 'put back' && exit 1
get doomed.example | grep password && exit 1
has_token
""")
    return old


def cleared(site, machine, name):
    machine.tpm.clear()
    said = site.check(f"{name}: a cleared TPM; the error names the recovery file, which fixes it",
                      machine.run, PRELUDE + "has_token && exit 1\n" + MEND + """
has_token
sealed_by_tpm
patctl doctor | grep -c 'cannot open the master key' && exit 1
patctl doctor | grep "the TPM's counter was another one"
rm /etc/patd/master-key.cred.old
""")
    if "its TPM was cleared" not in said:
        raise VmError(f"status does not say why: {said}")
    site.check(f"{name}: and the reboot after it", machine.run,
               PRELUDE + "has_token\nsealed_by_tpm\n")


def other_machine(site, machine, name):
    files = machine.image.change(
        lambda root: [(root / "root" / file).read_bytes() for file in ("recovery", "backup")])
    other = site.machine(f"{name}-other", "bookworm")

    def bring(root):
        for file, content in zip(("recovery", "backup"), files):
            (root / "root" / file).write_bytes(content)
    other.image.change(bring)
    site.check(f"{name}: restored on another machine with another TPM, as the manual says",
               other.run, PRELUDE + """
patctl admin recover-key /root/recovery --install
systemctl enable --now patd.socket
patctl admin restore /root/backup
has_token
sealed_by_tpm
""")


def without_what_is_recommended(site):
    machine = site.machine("bare", "bookworm", "--no-install-recommends")
    machine.image.change(
        lambda root: chroot(root, "apt-get", "purge", "-y", "tpm2-tools", "libtss2-.*"))
    said = site.check("bare: a TPM that cannot be reached is said, with what lacks", machine.run,
                      PRELUDE + SETTLE + """
journalctl -q -o cat -u patd-key.service
patctl status | grep '^Key '
patctl doctor || true
""")
    for expected in ("this machine has a TPM, but", "TPM: no", "run 'sudo patctl doctor'"):
        if expected not in said:
            raise VmError(f"nobody says {expected!r}: {said}")
    command = re.search(r"sudo (apt install libtss2[^\n]*)", said)
    if command is None:
        raise VmError(f"doctor does not say what lacks: {said}")
    words = command.group(1).split()
    machine.image.change(lambda root: chroot(root, "apt-get", *words[1:], "-y"))
    site.check("bare: with it, a new master key is sealed by the TPM", machine.run, PRELUDE + """
has_token
patctl doctor | grep -q 'patctl admin rotate-key --master FILE'
patctl admin rotate-key --master /root/recovery
patctl admin recover-key /root/recovery --install
systemctl restart patd.service
has_token
sealed_by_tpm
""")


def upgraded(site, machine):
    def upgrade(root):
        for path in (root / "etc/apt").rglob("*"):
            if path.is_file() and "bookworm" in (text := path.read_text(errors="ignore")):
                path.write_text(text.replace("bookworm", "trixie"))
        chroot(root, "apt-get", "update")
        chroot(root, "apt-get", "-y", "-o", "Dpkg::Options::=--force-confold", "full-upgrade")
    site.check("12 to 13: apt full-upgrade", machine.image.change, upgrade)
    newer = Machine(machine.image, machine.tpm)
    newest = max(range(len(newer.kernels)),
                 key=lambda i: [int(n) for n in re.findall(r"\d+", newer.kernels[i])[:3]])
    site.check("12 to 13: the key opens after the upgrade", newer.run,
               PRELUDE + ". /etc/os-release\ntest \"$VERSION_ID\" = 13\nhas_token\nsealed_by_tpm\n",
               kernel=newest)


def main():
    package, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    site = Site(work, package)
    machine = site.machine("12", "bookworm")
    fresh(site, machine, "12")
    what_happens_to_a_machine(site, machine, "12")
    machine = put_back(site, machine, "12")
    other_machine(site, machine, "12")
    rotation(site, machine, "12")
    cleared(site, machine, "12")
    without_what_is_recommended(site)
    newer = site.machine("13", "trixie")
    fresh(site, newer, "13")
    what_happens_to_a_machine(site, newer, "13")
    newer = put_back(site, newer, "13")
    cleared(site, newer, "13")
    upgraded(site, machine)
    print(f"everything passed in {time.monotonic() - site.started:.0f} s")


if __name__ == "__main__":
    try:
        main()
    except VmError as error:
        sys.exit(f"test-tpm: {error}")
