# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Whom a service's packaged stack keeps out, and who stays out with a good token too."""
from clients import curl
from processes import expect


def let_in_but_when(service, site, spoil, restore, is_out):
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
            expect(is_out(token), f"she is let in after: {spoil}")
        finally:
            machine.must("sh", "-c", restore)
        expect(lets_in(), "the token is refused afterwards")
    finally:
        site.delete(site.alice, identifier)


def keeps_out_whom_its_list_names(service, site):
    let_in_but_when(service, site, f"echo alice >>{service.denied}",
                    f"sed -i '/^alice$/d' {service.denied}",
                    lambda token: not service.knock(site.machine, "alice", token, "127.0.0.1"))


def keeps_out_an_expired_account(service, site):
    """Cockpit, which has several answers for that."""
    def is_out(token):
        outcome = curl(site.machine, service.url, login=("alice", token))
        return outcome.output.rsplit("\n", 1)[-1] in ("401", "403", "500")

    let_in_but_when(service, site, "chage -E 1 alice", "chage -E -1 alice", is_out)
