#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Goal: each rule of tools/tidy.py finds what it is for, once, and leaves the good form alone.

Method: a tree of made-up files goes through one rule. BAD has a sample per case that must give
exactly one finding at the expected line; GOOD has the samples that must give none. A rule without
a bad sample fails the last test.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import layers  # noqa: E402
import tidy  # noqa: E402
from tidy_tables import FOREIGN_FILES, NO_ROWS  # noqa: E402

# Rows A3, A8: BAD has the calls that switch access checks off, and those that look at /proc.
HEAD = ("// SPDX-License-Identifier: LGPL-2.1-or-later\n"
        "// SPDX-FileCopyrightText: patd contributors\n")
ROWS = "".join(f"| {row} | attack | answer | `T.Holds` `tidy` |\n" for row in tidy.ATTACK_ROWS)
CLAIM = f"// Rows {', '.join(tidy.ATTACK_ROWS)}: holds.\n"
TESTS = {"tests/a_test.cc": CLAIM + ("TEST(T, Holds) {}\n// Row Z9.\n"
                                     "TEST_F(\n    T,\n    Also) {}\n"),
         "tests/CMakeLists.txt": "add_test(NAME tidy COMMAND x)\n"}
Z9 = "| Z9 | a `x` | b | `T.Also` |\n"
XML = '<node><interface name="org.patd.Tokens1.Manager">\n'
LONG_BODY = "    step();\n" * 70
VERSION = {"CMakeLists.txt": "project(patd VERSION 1.2.3 LANGUAGES C)\n"}
MAP = (layers.BEGIN + layers.picture() + layers.END
       + "".join(f"| `{folder}` | what it is |\n" for folder in tidy.LAYERS))


def users(*unused: tuple[str, str]) -> dict[str, str]:
    """A tree that uses every edge of LAYERS except `unused`."""
    files = {"tools/tidy_tables.py": "\n"}
    for own, allowed in tidy.LAYERS.items():
        below = [next(layer for layer in tidy.LAYERS
                      if layer != own and layers.covers(other, layer))
                 for other in allowed if (own, other) not in unused]
        files[f"{own}/a.cc"] = "".join(f'#include "{layer}/a.h"\n' for layer in below)
    return files


# rule, files, path and line of the one finding
BAD = [
    ("includes", {"common/base/a.h": '#include "common/token/token.h"\n',
                  "common/token/token.h": ""}, "common/base/a.h", 1),
    ("includes", {"daemon/store/tokens/a.cc": '#include "daemon/context/bouncer.h"\n',
                  "daemon/context/bouncer.h": ""}, "daemon/store/tokens/a.cc", 1),
    ("includes", {"daemon/context/a.cc": '#include "daemon/dbus/b.h"\n', "daemon/dbus/b.h": ""},
     "daemon/context/a.cc", 1),
    ("includes", {"daemon/line/a.cc": '#include "daemon/daemon.h"\n', "daemon/daemon.h": ""},
     "daemon/line/a.cc", 1),
    ("includes", {"daemon/a.cc": '\n#include "common/client/sink.h"\n', "common/client/sink.h": ""},
     "daemon/a.cc", 2),
    ("includes", {"cli/a.cc": '#include "daemon/context/bouncer.h"\n',
                  "daemon/context/bouncer.h": ""}, "cli/a.cc", 1),
    ("includes", {"pam_module/a.cc": '#include "common/bus/call.h"\n', "common/bus/call.h": ""},
     "pam_module/a.cc", 1),
    ("includes", {"daemon/a.cc": '#include "tests/support/fake.h"\n', "tests/support/fake.h": ""},
     "daemon/a.cc", 1),
    ("includes", {"common/base/a.cc": '#include "a.h"\n', "common/base/a.h": ""},
     "common/base/a.cc", 1),
    ("system-headers", {"daemon/release/release.cc": "#include <systemd/sd-bus.h>\n"},
     "daemon/release/release.cc", 1),
    ("system-headers", {"daemon/tokens/token_service.cc": "#include <sqlite3.h>\n"},
     "daemon/tokens/token_service.cc", 1),
    ("system-headers", {"common/base/a.cc": "#include <openssl/evp.h>\n"}, "common/base/a.cc", 1),
    ("system-headers", {"daemon/a.cc": "#include <security/pam_appl.h>\n"}, "daemon/a.cc", 1),
    ("system-headers", {"credential_helper/a.cc": "#include <iostream>\n"},
     "credential_helper/a.cc", 1),
    ("file-length", {"common/a.h": "\n" * 151, "common/b.h": ""}, "common/a.h", 151),
    ("file-length", {"common/a.cc": "\n" * 601, "b.cc": "", "c.cc": ""}, "common/a.cc", 601),
    ("file-length", {"common/a.cc": "\n" * 300}, "CONTRIBUTING.md", 1),
    ("columns", {"common/a.cc": "\n" + "x" * 101}, "common/a.cc", 2),
    ("columns", {"page/src/a.tsx": "\n" + "x" * 101}, "page/src/a.tsx", 2),
    ("file-length", {"page/src/a.ts": "x\n" * 151}, "page/src/a.ts", 151),
    ("whitespace", {"a.cc": "int a; \n"}, "a.cc", 1),
    ("whitespace", {"a.cc": "\n\tint a;\n"}, "a.cc", 2),
    ("whitespace", {"a.md": "words"}, "a.md", 1),
    ("function-length", {"a.cc": "\nint f(int a) {\n" + LONG_BODY + "}\n"}, "a.cc", 2),
    ("function-length", {"a.cc": "T::T(int a)\n: a_(a) {\n" + LONG_BODY + "}\n"}, "a.cc", 1),
    ("function-length", {"a.cc": "namespace n {\nTEST(A, B) {\n" + LONG_BODY + "}\n}\n"},
     "a.cc", 2),
    ("function-length", {"a.py": "def f():\n" + "    pass\n" * 70}, "a.py", 1),
    ("licence", {"a.cc": "// SPDX-License-Identifier: MIT\n"}, "a.cc", 1),
    ("licence", {"page/build.js": "// a page\n"}, "page/build.js", 1),
    ("licence", {"a.sh": "#!/bin/sh\necho\n"}, "a.sh", 1),
    ("licence", {"CMakeLists.txt": "project(x)\n"}, "CMakeLists.txt", 1),
    ("pragma-once", {"a.h": HEAD + "#ifndef A_H\n"}, "a.h", 3),
    ("dead-files", {"daemon/a.cc": "", "daemon/CMakeLists.txt": "add_library(d b.cc) # a.cc\n"},
     "daemon/a.cc", 1),
    ("mirror", {"daemon/a.cc": "", "tests/daemon/b_test.cc": ""}, "daemon/a.cc", 1),
    ("banned", {"a.cc": "using namespace std;\n"}, "a.cc", 1),
    ("banned", {"a.cc": "int a = atoi(text);\n"}, "a.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_query_sender_creds(m, mask, &creds);\n"},
     "daemon/a.cc", 1),
    ("banned", {"a.cc": "strcpy(a, b);\n"}, "a.cc", 1),
    ("banned", {"a.cc": "const std::regex word;\n"}, "a.cc", 1),
    ("banned", {"a.cc": "auto a = rand();\n"}, "a.cc", 1),
    ("banned", {"cli/a.cc": 'std::system("ls");\n'}, "cli/a.cc", 1),
    ("banned", {"cli/a.cc": 'popen("ls", "r");\n'}, "cli/a.cc", 1),
    ("banned", {"cli/a.cc": 'auto h = getenv("HOME");\n'}, "cli/a.cc", 1),
    ("banned", {"credential_helper/a.cc": "std::getline(in, line);\n"},
     "credential_helper/a.cc", 1),
    ("banned", {"pam_module/a.cc": "std::cout << 1;\n"}, "pam_module/a.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_set_trusted(bus, 1);\n"}, "daemon/a.cc", 1),
    ("banned", {"daemon/a.cc": '#include "daemon/keyring/keyring_gate.h"\n'}, "daemon/a.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_query_sender_privilege(m, 1);\n"}, "daemon/a.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_emit_object_added(bus, p);\n"}, "daemon/a.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_emit_signal(b, p, i, n, 0);\n"}, "daemon/a.cc", 1),
    ("banned", {"daemon/a_bus.cc": "sd_bus_message_new_signal(b, &m, p, i, n);\n"},
     "daemon/a_bus.cc", 1),
    ("banned", {"daemon/a.cc": "sd_bus_emit_properties_changed_strv(b, p, i, n);\n"},
     "daemon/a.cc", 1),
    ("banned", {"tests/a_test.cc": "std::this_thread::sleep_for(1s);\n"}, "tests/a_test.cc", 1),
    ("banned", {"tests/a_test.cc": "usleep(100);\n"}, "tests/a_test.cc", 1),
    ("default-identity", {"a.cc": "uid_t uid = 0;\n"}, "a.cc", 1),
    ("default-identity", {"a.cc": "uid_t uid{};\n"}, "a.cc", 1),
    ("default-identity", {"a.cc": "\nuid_t uid;\n"}, "a.cc", 2),
    ("default-identity", {"a.cc": "Uid caller(0);\n"}, "a.cc", 1),
    ("default-identity", {"a.h": "Uid caller{0};\n"}, "a.h", 1),
    ("built-sql", {"daemon/store/a.cc": 'run("SELECT id FROM t WHERE d=\'" + text + "\'");\n'},
     "daemon/store/a.cc", 1),
    ("built-sql", {"daemon/store/a.cc": 'std::string q = "DELETE FROM t";\n'
                                        's.append("INSERT INTO t");\n'},
     "daemon/store/a.cc", 2),
    ("built-sql", {"auth/a.cc": 'auto q =\n    "PRAGMA x = "\n    + n;\n'},
     "auth/a.cc", 2),
    ("firewalls", {"daemon/a.cc": "try {\n} catch (...) {\n}\n"}, "daemon/a.cc", 2),
    ("revealers", {"daemon/new_file.cc": "\nuse(secret.reveal());\nuse(secret.reveal());\n"},
     "daemon/new_file.cc", 2),
    ("nolint", {"a.cc": "int a;  // NOLINT\n"}, "a.cc", 1),
    ("nolint", {"a.cc": "// NOLINTNEXTLINE(bugprone-x)\n"}, "a.cc", 1),
    ("todo", {"a.cc": "// TODO: later\n"}, "a.cc", 1),
    ("todo", {"a.sh": "# FIXME\n"}, "a.sh", 1),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_METHOD_WITH_ARGS("Create",\n  "s", "o",\n'
                      "  (bus::method<&A::create>), 0),\n"}, "daemon/a_bus.cc", 1),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_METHOD("Create", "s", "o", create, 0),\n'},
     "daemon/a_bus.cc", 1),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_PROPERTY("Locked", "b", get, 0, 0),\n'},
     "daemon/a_bus.cc", 1),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_SIGNAL("Changed", "s", 0),\n'},
     "daemon/a_bus.cc", 1),
    ("interface", {"systemd/dbus/x.xml": XML + '<arg name="uid" type="u" direction="in"/>\n'},
     "systemd/dbus/x.xml", 2),
    ("interface", {"systemd/dbus/x.xml": XML + '<arg name="user-name" type="s" direction="in"/>\n'},
     "systemd/dbus/x.xml", 2),
    ("interface", {"systemd/dbus/x.xml": XML + '<property name="Locked" type="b"/>\n'},
     "systemd/dbus/x.xml", 2),
    ("interface", {"systemd/dbus/x.xml": XML + '<signal name="Changed"/>\n'},
     "systemd/dbus/x.xml", 2),
    ("links", {"docs/a.md": "\nsee [there](b.md#part)\n"}, "docs/a.md", 2),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | `T.Gone` |\n"},
     "docs/attack-table.md", len(tidy.ATTACK_ROWS) + 2),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | none |\n"},
     "docs/attack-table.md", len(tidy.ATTACK_ROWS) + 2),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | `T.Also` |\n"},
     "docs/attack-table.md", len(tidy.ATTACK_ROWS) + 2),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | not ours: |\n"},
     "docs/attack-table.md", len(tidy.ATTACK_ROWS) + 2),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS}, "tests/a_test.cc", 3),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + "| Z9 | a | b | `tidy` |\n"},
     "tests/a_test.cc", 3),
    ("attack-table", {**TESTS, "tests/b_test.cc": "TEST(T, In) {\n    // Row Z9: in it.\n}\n",
                      "docs/attack-table.md": ROWS + Z9}, "tests/b_test.cc", 2),
    ("attack-table", {**TESTS, "tests/b_test.cc": "TEST(T, Z9_Says) {}\n",
                      "docs/attack-table.md": ROWS + Z9}, "tests/b_test.cc", 1),
    ("attack-table", {**TESTS, "tests/x.py": "# Row Z9.\n",
                      "tests/b/CMakeLists.txt": "add_test(NAME x COMMAND python x.py)\n",
                      "docs/attack-table.md": ROWS + Z9}, "tests/x.py", 1),
    ("attack-table", {**TESTS, "tests/system/checks_a.py": "def it_holds(machine):\n    pass\n",
                      "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | `machine.it_holds` |\n"},
     "docs/attack-table.md", len(tidy.ATTACK_ROWS) + 2),
    ("attack-table", {"tests/CMakeLists.txt": "add_test(NAME tidy COMMAND x)\n",
                      "docs/attack-table.md": "".join(f"| {row} | a | b | `tidy` |\n"
                                                      for row in tidy.ATTACK_ROWS[1:])},
     "docs/attack-table.md", 1),
    ("home-paths", {"docs/a.md": "/wo" + "rk/main/build\n"}, "docs/a.md", 1),
    ("home-paths", {"tools/a.sh": "cd /ho" + "me/me\n"}, "tools/a.sh", 1),
    ("named-paths", {"daemon/a.cc": "int a;\n// as daemon/b.h says\n"}, "daemon/a.cc", 2),
    ("named-paths", {"a.cc": "int a;  /* see\n b.cc */\n"}, "a.cc", 2),
    ("named-paths", {"daemon/a.cc": "",
                     "a.py": 'x = 1\n\n\ndef f():\n    """As\n    daemon/b."""\n'}, "a.py", 6),
    ("named-paths", {"daemon/a.cc": "", "a.sh": "x=1  # daemon/b*.cc\n"}, "a.sh", 1),
    ("named-paths", {"daemon/a.cc": "", "a.md": "\nsee `policy/a.cc`.\n"}, "a.md", 2),
    ("named-paths", {"docs/adr/0001-x.md": "", "a.xml": "<a>\n<!-- docs/adr/0002 -->\n"},
     "a.xml", 2),
    ("cited-rows", {"docs/attack-table.md": Z9, "a.cc": "// Row Z9.\n// Not so (C7).\n"},
     "a.cc", 2),
    ("cited-rows", {"docs/attack-table.md": Z9, "docs/a.md": "Z9 and then S99\n"}, "docs/a.md", 1),
    ("cited-rows", {"docs/attack-table.md": "\n" + Z9, "a.cc": 'f("row Z9");\n'},
     "docs/attack-table.md", 2),
    ("documents", {"docs/a.md": "", "a.cc": "\n// DESIGN's order\n"}, "a.cc", 2),
    ("documents", {"docs/a.md": "", "a.cc": "// SECURITY.md, section 9\n",
                   "SECURITY.md": "## 1. What\n"}, "a.cc", 1),
    ("documents", {"docs/a.md": "", "a.cc": "// SCHEME §4\n"}, "a.cc", 1),
    ("documents", {"docs/adr/0001-x.md": "see ADR 0002\n"}, "docs/adr/0001-x.md", 1),
    ("documents", {"docs/man/patd.8.md": "", "a.sh": "# as patd(1) says\n"}, "a.sh", 1),
    ("documents", {"docs/a.md": "as case K4 shows\n"}, "docs/a.md", 1),
    ("unused-edges", users(("common/token", "common/base")), "tools/tidy_tables.py", 1),
    ("unused-edges", users(("tests", "cli/*")), "tools/tidy_tables.py", 1),
    ("drawn-layers", {"ARCHITECTURE.md": MAP.replace(" 0 ", " 1 ", 1)}, "ARCHITECTURE.md", 1),
    ("drawn-layers", {"ARCHITECTURE.md": MAP.replace("| `common/base`", "| common/base")},
     "ARCHITECTURE.md", 1),
    ("drawn-layers", {"ARCHITECTURE.md": MAP + "| `daemon/attic` | what was |\n"},
     "ARCHITECTURE.md", MAP.count("\n") + 1),
    ("version", {**VERSION, "docs/a.md": "\n% patd(8) patd 1.2.3 | x\n"}, "docs/a.md", 2),
    ("version", {**VERSION, "a.sh": "for v in 1.2.3+next; do\n"}, "a.sh", 1),
    ("unnamed-folders", {"daemon/attic/a.cc": "", "daemon/attic/b.h": ""}, "daemon/attic/a.cc", 1),
    ("unnamed-folders", {"a.cc": "", "daemon/b.h": ""}, "a.cc", 1),
    ("unnamed-folders", {"tools/tidy_tables.py": "",
                         **{f"{folder}/a.cc": "" for folder in list(tidy.PARTS)[1:]}},
     "tools/tidy_tables.py", 1),
    ("stale-exceptions", {"tools/tidy_tables.py": "",
                          **{path: "" for path in [*tidy.FIREWALLS, *tidy.REVEALERS,
                                                   *tidy.HOME_PATHS] if path != "cli/main.cc"}},
     "tools/tidy_tables.py", 1),
]

GOOD = [
    ("includes", {"daemon/store/tokens/a.cc": '#include "common/token/token.h"\n'
                                              "#include <map>\n",
                  "common/token/token.h": '#include "common/base/uid.h"\n', "common/base/uid.h": "",
                  "tests/daemon/a_test.cc": '#include "daemon/b.h"\n', "daemon/b.h": ""}),
    ("unnamed-folders", {"daemon/user/a.cc": "", "daemon/line/b.h": "", "tests/attic/c.cc": "",
                         "docs/attic/d.md": ""}),
    ("system-headers", {"common/bus/a.cc": "#include <systemd/sd-bus.h>\n",
                        "daemon/store/database/a.cc": "#include <sqlite3.h>\n#include <string>\n",
                        "tests/a_test.cc": "#include <sqlite3.h>\n"}),
    ("file-length", {"a.h": "\n" * 150, "a.cc": "\n" * 200}),
    ("columns", {"a.cc": "x" * 100, "a.md": "y" * 200, "b.cc": '"' + "\u00fc" * 98 + '"\n'}),
    ("whitespace", {"a.cc": "int a;\n\nint b;\n", "empty.txt": ""}),
    ("function-length", {"a.cc": "int f() {\n" + "    step();\n" * 68 + "}\n"
                         "constexpr Row kRows[] = {\n" + "    Row{1, make(2)},\n" * 90 + "};\n"
                         "class A {\n" + "    int a_;\n" * 80 + "};\n"}),
    ("licence", {"a.cc": HEAD, "CMakeLists.txt": "# SPDX-License-Identifier: LGPL-2.1-or-later\n"}),
    ("pragma-once", {"a.h": HEAD + "#pragma once\n"}),
    ("dead-files", {"daemon/a.cc": "", "daemon/CMakeLists.txt": "add_library(d\n  a.cc)\n",
                    "tests/b/a_test.cc": "", "tests/CMakeLists.txt": "patd_test(b/a_test d)\n",
                    "cli/m.cc": "", "x/CMakeLists.txt": "e(${PROJECT_SOURCE_DIR}/cli/m.cc)\n",
                    "p/e.cc": "", "p/CMakeLists.txt":
                    "e(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/e.cc)\n"}),
    ("mirror", {"daemon/a.cc": "", "tests/daemon/a_test.cc": "", "daemon/main.cc": "",
                "bench/b.cc": ""}),
    ("banned", {"a.cc": '// strcpy(a, b)\nauto h = secure_getenv("X");\nlog("rand()");\n'
                "file_system(x);\nmy_atoi(x);\n", "tests/a_test.cc": 'getenv("X");\n'}),
    ("default-identity", {"a.cc": "uid_t uid = static_cast<uid_t>(-1);\nUid uid = TRY(f());\n",
                          "tests/a_test.cc": "Uid root(0);\n"}),
    ("built-sql", {"daemon/store/a.cc": 'run("SELECT id FROM t "\n    "WHERE owner=?1");\n'
                   'log("cannot " + name);\n', "cli/a.cc": 'f("SELECT " + x);\n'}),
    ("firewalls", {"cli/main.cc": "} catch (...) {\n", "tests/a_test.cc": "} catch (...) {\n",
                   "daemon/a.cc": "// catch (this)\n"}),
    ("revealers", {"tests/a_test.cc": "secret.reveal();\n", "daemon/a.cc": "// reveal()\n"}),
    ("nolint", {"a.cc": "int a;  // NOLINT(bugprone-x): the kernel wants it\n"}),
    ("todo", {"a.cc": "// TODO(#12): the other half\n"}),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_METHOD_WITH_ARGS("Create", SD_BUS_ARGS("s", d),\n'
                      '  SD_BUS_RESULT("o", p), (bus::method<Access::Owner, &A::create>), 0),\n'}),
    ("access-level", {"daemon/a_bus.cc": 'SD_BUS_SIGNAL("SecretReused", "ss", 0),\n'}),
    ("banned", {"daemon/dbus/signals_bus.cc": "sd_bus_message_new_signal(b, &m, p, i, n);\n"}),
    ("interface", {"systemd/dbus/x.xml": XML + '<signal name="TokenExpiring">\n'}),
    ("interface", {"systemd/dbus/x.xml": XML + '<!-- <signal name="x"/> uid -->\n'
                   '<arg name="uid" type="u" direction="out"/>\n</interface>\n'
                   '<interface name="org.patd.Tokens1.Admin">\n'
                   '<arg name="uid" type="u" direction="in"/>\n'}),
    ("links", {"docs/a.md": "[b](b.md#x) [up](../README.md) [dir](adr) [web](https://a.example) "
               "[here](#part)\n", "docs/b.md": "", "README.md": "", "docs/adr/1.md": ""}),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9}),
    ("attack-table", {**TESTS, "docs/attack-table.md": ROWS + Z9
                      + "| Z8 | a | b | not ours: it is for others to keep |\n"}),
    ("attack-table", {**TESTS, "tests/b_test.cc": "// Row Z9: of no test.\nstatic_assert(true);\n",
                      "docs/attack-table.md": ROWS + Z9}),
    ("attack-table", {**TESTS, "tests/system/checks_a.py":
                      "# Row Z8.\ndef it_holds(site):\n    pass\n",
                      "docs/attack-table.md": ROWS + Z9 + "| Z8 | a | b | `machine.it_holds` |\n"}),
    ("named-paths", {"daemon/a.cc": "// daemon/a.cc a.cc daemon daemon/a /usr/daemon/b.h\n"
                     '// sysexits.h\nf("daemon/b.h");\n#include "x/y.h"\n'
                     '// daemon/NAME.cc <daemon/z.h> ./b.cc\n',
                     "a.md": "daemon/*.cc or https://a.example/daemon/b.md\n",
                     "docs/adr/0001-x.md": "", "a.py": 'X = "daemon/b.cc"  # docs/adr/0001\n'}),
    ("cited-rows", {"docs/attack-table.md": Z9, "a.cc": "// C0, X509 and RFC-Z8, not Z8_x.\n",
                    "tests/a_test.cc": "// Row Z9: so.\n"}),
    ("cited-rows", {"docs/attack-table.md": Z9, "tests/a_test.cc": "TEST(T, Z9_IsSo) {}\n"}),
    ("documents", {"docs/man/patd.8.md": "**patd**(8) and patd(8), open(2)\n",
                   "docs/adr/0001-x.md": "ADR 0001, RFC 4648 §5\n",
                   "SECURITY.md": "## 1. What\n\nas SECURITY.md §1 says\n"}),
    ("unused-edges", users()),
    ("drawn-layers", {"ARCHITECTURE.md": MAP}),
    ("version", {**VERSION, "CHANGELOG.md": "1.2.3\n", "a.md": "11.2.3 1.2.34\n",
                 "tests/a.cc": '"1.2.3"\n'}),
    ("home-paths",
     {"docs/a.md": "frame/wo" + "rk/x, $HOME/home/y\n", "tests/a.cc": "/ho" + "me/me/\n"}),
]


class Rules(unittest.TestCase):
    def test_a_bad_sample_gives_exactly_one_finding_at_its_line(self) -> None:
        for name, files, path, line in BAD:
            with self.subTest(rule=name, path=path):
                findings = tidy.check(tidy.Tree(files), [name])
                self.assertEqual([(f.path, f.line) for f in findings], [(path, line)], findings)
                self.assertTrue(findings[0].message)

    def test_a_good_sample_gives_none(self) -> None:
        for name, files in GOOD:
            with self.subTest(rule=name):
                self.assertEqual(tidy.check(tidy.Tree(files), [name]), [])

    def test_every_rule_has_a_bad_sample_and_a_reason(self) -> None:
        self.assertEqual(set(tidy.RULES), {name for name, *_ in BAD})
        for name, function in tidy.RULES.items():
            self.assertTrue(function.__doc__, name)

    def test_every_exception_has_a_reason(self) -> None:
        for table in (tidy.FIREWALLS, tidy.REVEALERS, tidy.HOME_PATHS, tidy.PARTS, FOREIGN_FILES,
                      NO_ROWS):
            for path, reason in table.items():
                self.assertGreater(len(reason), 3, path)

    def test_the_layers_have_no_circle(self) -> None:
        def reach(layer: str, seen: tuple[str, ...]) -> None:
            self.assertNotIn(layer, seen)
            for lower in tidy.LAYERS.get(layer, []):
                reach(lower, (*seen, layer))
        for layer in tidy.LAYERS:
            reach(layer, ())


class Picture(unittest.TestCase):
    def test_shows_floors_and_leaves_out_what_an_arrow_already_reaches(self) -> None:
        drawn = layers.picture({"a": [], "b/x": ["a"], "b/y": ["a"], "c": ["a", "b/*"]})
        self.assertEqual(drawn, " 2 c   ──► b/x, b/y\n 1 b/x ──► a\n 1 b/y ──► a\n 0 a\n")


class Blanking(unittest.TestCase):
    def test_comments_and_literals_vanish_but_lines_and_columns_stay(self) -> None:
        text = 'a = "x{"; // y\nb = \'"\'; /* {\n} */ c(1\'000);\nR"(d\n{)" e\n'
        code = tidy.blank(text, literals=True)
        self.assertEqual(len(code), len(text))
        self.assertEqual(code.count("\n"), text.count("\n"))
        for gone in "xyd{":
            self.assertNotIn(gone, code)
        for kept in ("a =", "b =", "c(1'000)", " e"):
            self.assertIn(kept, code)


if __name__ == "__main__":
    unittest.main()
