# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Users whom a service's packaged PAM stack keeps out, even with a good token."""
from processes import expect


def let_in_but_when(service, site, spoil, restore):
    """alice's token is taken, but not between the two shell commands."""
    machine = site.machine
    permission, target = service.stack.told()
    identifier, token = site.create(site.alice, "kept out", "-p", permission, "-t", target)

    def lets_in():
        return service.knock(machine, "alice", token, "127.0.0.1")

    try:
        expect(lets_in(), "the token is refused")
        machine.must("sh", "-c", spoil)
        try:
            expect(service.keeps_out(machine, "alice", token, "127.0.1.1"),
                   f"she is let in after: {spoil}")
        finally:
            machine.must("sh", "-c", restore)
        expect(lets_in(), "the token is refused afterwards")
    finally:
        site.delete(site.alice, identifier)


def keeps_out_whom_its_list_names(service, site):
    let_in_but_when(service, site, f"echo alice >>{service.denied}",
                    f"sed -i '/^alice$/d' {service.denied}")


def keeps_out_who_has_no_shell(service, site):
    let_in_but_when(service, site, "usermod -s /usr/sbin/nologin alice",
                    "usermod -s /bin/bash alice")


def keeps_out_all_but_root_before_the_machine_goes_down(service, site):
    let_in_but_when(service, site, "touch /run/nologin", "rm /run/nologin")
