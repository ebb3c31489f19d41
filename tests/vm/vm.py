# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""A Debian in a virtual machine with a TPM 2 (qemu, swtpm, UEFI), for what a container cannot show:
its own kernel, firmware, /dev/tpmrm0 and power cuts. It is driven by scripts: each boot runs one
and goes off."""
import os
import pathlib
import re
import shutil
import subprocess

FIRMWARE = pathlib.Path("/usr/share/OVMF")
MEMORY = "1024"
# A virtual machine's own /dev/kvm often cannot run the firmware, so KVM must be asked for.
KVM = os.environ.get("PATD_VM_KVM") == "1"
BOOT_SECONDS = 180 if KVM else 900
DISK_BYTES = 5 << 30
MARK = "== reached"
DRIVER = """[Unit]
After=basic.target patd.socket dbus.socket systemd-user-sessions.service tpm2.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'tr -d "\\\\000" </dev/disk/by-id/virtio-script >/run/step; \\
    bash -eu /run/step >/dev/ttyS1 2>&1; echo "== status $?" >/dev/ttyS1'
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=multi-user.target
"""


class VmError(Exception):
    pass


class Image:
    """A disk with a Debian on it; `suite` from this machine's apt sources."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def make(self, tree):
        with open(self.path, "wb") as file:
            file.truncate(DISK_BYTES)
        _run("mkfs.ext4", "-q", "-L", "root", "-d", tree, self.path)

    def copy(self, path):
        _run("cp", "--sparse=always", self.path, path)
        return Image(path)

    def change(self, work):
        """Runs `work(root)` with the disk mounted at `root`."""
        root = self.path.with_suffix(".mounted")
        root.mkdir(exist_ok=True)
        _run("mount", "-o", "loop", self.path, root)
        try:
            return work(root)
        finally:
            _run("umount", root)
            root.rmdir()

    def kernels(self):
        """The names of the kernels on the disk; they are copied next to it."""
        def fetch(root):
            names = sorted(path.name.removeprefix("vmlinuz-")
                           for path in (root / "boot").glob("vmlinuz-*"))
            for name in names:
                for kind in ("vmlinuz", "initrd.img"):
                    shutil.copy(root / "boot" / f"{kind}-{name}", self.beside(f"{kind}-{name}"))
            return names
        return self.change(fetch)

    def beside(self, name):
        return self.path.parent / f"{self.path.stem}-{name}"


class Tpm:
    """The state of a TPM: another directory is another TPM."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)

    def clear(self):
        shutil.rmtree(self.directory)
        self.directory.mkdir()

    def start(self):
        socket = self.directory / "socket"
        socket.unlink(missing_ok=True)
        _run("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.directory}", "--terminate",
             "--ctrl", f"type=unixio,path={socket}", "--daemon")
        return socket


class Machine:
    def __init__(self, image, tpm):
        self.image, self.tpm = image, tpm
        self.kernels = image.kernels()
        self.firmware = image.beside("firmware")
        shutil.copy(FIRMWARE / "OVMF_VARS_4M.fd", self.firmware)

    def run(self, script, kernel=0, command_line="", cut_at_mark=False):
        """Boots, runs the script as root, powers off; returns the output. An error unless it ends
        with status 0. With `cut_at_mark` the power goes as soon as it prints MARK."""
        output = self.image.beside("output")
        output.write_bytes(b"")
        process = subprocess.Popen(self._argv(script, kernel, command_line),
                                   stdin=subprocess.DEVNULL)
        try:
            if cut_at_mark:
                self._await_mark(output, process)
            else:
                process.wait(BOOT_SECONDS)
        except subprocess.TimeoutExpired:
            raise VmError(f"not off after {BOOT_SECONDS} s:\n{self._console()}") from None
        finally:
            process.kill()
            process.wait()
        text = output.read_text(encoding="utf-8", errors="replace").replace("\r", "")
        if not cut_at_mark and not text.endswith("== status 0\n"):
            raise VmError(f"the script failed:\n{text[-3000:]}\n-- console:\n{self._console()}")
        return text

    def _await_mark(self, output, process):
        # A virtual serial port would raise an event to wait for; the file does not.
        for _ in range(BOOT_SECONDS * 20):
            if MARK in output.read_text(encoding="utf-8", errors="replace"):
                return
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        raise VmError(f"it went off before it said {MARK!r}:\n{output.read_text()}")

    def _console(self):
        text = self.image.beside("console").read_text(encoding="utf-8", errors="replace")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)[-3000:]

    def _argv(self, script, kernel, command_line):
        disk = self.image.beside("script")
        data = script.encode()
        disk.write_bytes(data + bytes(-len(data) % 512))
        name = self.kernels[kernel]
        speed = ["-enable-kvm", "-cpu", "host"] if KVM else ["-accel", "tcg,thread=multi"]
        return ["qemu-system-x86_64", "-machine", "q35", *speed, "-m", MEMORY, "-smp", "2",
                "-nodefaults", "-display", "none", "-no-reboot",
                "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
                "-drive", f"if=pflash,format=raw,file={self.firmware}",
                "-drive", f"file={self.image.path},format=raw,if=virtio,cache=writeback",
                "-drive", f"file={disk},format=raw,if=none,id=script,readonly=on",
                "-device", "virtio-blk-pci,drive=script,serial=script",
                "-device", "virtio-rng-pci",
                "-chardev", f"socket,id=tpm,path={self.tpm.start()}",
                "-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-tis,tpmdev=tpm0",
                "-serial", f"file:{self.image.beside('console')}",
                "-serial", f"file:{self.image.beside('output')}",
                "-kernel", self.image.beside(f"vmlinuz-{name}"),
                "-initrd", self.image.beside(f"initrd.img-{name}"),
                "-append", f"root=LABEL=root rw console=ttyS0 {command_line}"]


def _run(*arguments):
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise VmError(f"{arguments[0]}: {done.stderr.strip()[-2000:]}")
