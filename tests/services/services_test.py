# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""docs/examples/pam, each with the real service in a booted Debian 12: services_test.py DEB CACHE
ten|others. tools/test-services.sh builds the package and runs this, as root."""
import functools
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{CHECKOUT}/tests/system", f"{CHECKOUT}/tools/lib", f"{CHECKOUT}/tools/demo"]

import booted  # noqa: E402: the path comes first
import checks_install  # noqa: E402
import example  # noqa: E402
import first_ten  # noqa: E402
import fixes  # noqa: E402
import others  # noqa: E402
import services_tree  # noqa: E402
from processes import PlayError, expect  # noqa: E402
from service import play  # noqa: E402
from site_under_test import Site  # noqa: E402

SETS = {"ten": first_ten.SERVICES, "others": others.SERVICES}
DISK_BYTES = 1 << 30  # databases and their journals


def there_is_a_machine_with_patd_and_people(site):
    """Two people with service passwords, the catalogue of the examples, and certificates."""
    machine = site.machine
    machine.must("hostnamectl", "hostname", "host.example")
    machine.write("/etc/hosts", "127.0.0.1 localhost host.example\n")
    checks_install.make_people(site)
    checks_install.apt_installs_the_package_and_starts_nothing(site)
    machine.copy_in(f"{CHECKOUT}/docs/examples/permissions.d/services.conf",
                    "/etc/patd/permissions.d/services.conf")
    machine.must("systemctl", "enable", "--now", "patd.socket")
    for person in (site.alice, site.bob):
        answers = [person.service_password] * 2
        outcome = site.patctl(None, "admin", "passwd", person.name, answers=answers)
        expect(outcome.status == 0, outcome)
    make_certificates(machine)


def make_certificates(machine):
    """One for all the names for which the examples look up one."""
    names = set()
    for path in glob.glob(f"{example.FOLDER}/*"):
        with open(path, encoding="utf-8") as file:
            names.update(re.findall(r"/etc/ssl/([a-z]+\.example)/", file.read()))
    alternatives = ",".join(f"DNS:{name}" for name in sorted(names))
    machine.must("sh", "-c", """
        cd /root && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=host.example \
            -addext "subjectAltName=$1" -keyout privkey.pem -out fullchain.pem 2>&1
        shift
        for name; do
            mkdir -p "/etc/ssl/$name" && cp privkey.pem fullchain.pem "/etc/ssl/$name"
        done""", "sh", alternatives, *sorted(names))


def play_all(deb, services, machine, tally):
    site = Site(machine, (deb, "", "", ""))
    tally.check("there is a machine with patd and people",
                there_is_a_machine_with_patd_and_people, site)
    only = os.environ.get("PATD_SERVICES_ONLY", "")  # a regular expression, to debug one service
    for service in services if tally.failed == 0 else ():
        if re.search(only, service.name, re.IGNORECASE):
            tally.check(service.name, watch, service, site, play)
            for check in fixes_of(service):
                tally.check(f"  {service.name}: {check.__name__.replace('_', ' ')}",
                            watch, service, site, check)
            service.stop(machine)
    return 1 + sum(1 + len(fixes_of(service)) for service in services)


def fixes_of(service):
    return [*service.spoiled, *([fixes.ends_what_is_kept] if service.kept else [])]


def watch(service, site, check):
    """Runs a check; when it fails, with what the service said."""
    try:
        check(service, site)
    except PlayError as error:
        units = [f"--unit={unit}" for unit in service.units()]
        said = site.machine.run("journalctl", "--no-pager", "-q", "-n", "15", *units).output
        raise PlayError(f"{error}\nWhat it said:\n{said[-3000:]}") from error


def main():
    deb, cache, name = sys.argv[1:]
    services = [service() for service in SETS[name]]
    tree = services_tree.ensure(cache, name, services)
    options = [option for service in services for option in service.machine_options]
    return booted.run(tree, functools.partial(play_all, deb, services),
                      f"test-services-{name}.log", disk_bytes=DISK_BYTES, options=options)


if __name__ == "__main__":
    sys.exit(main())
