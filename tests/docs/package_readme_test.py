# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The README.md of the package is of use to somebody who has only the package: it speaks of no file
of a checkout, and what it links to is installed beside it. PATD_BUILD_DIR names the build."""
import os
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["PATD_BUILD_DIR"])
README = (BUILD / "doc/README.md").read_text(encoding="utf-8")
PACKAGE = (ROOT / "cmake/Package.cmake").read_text(encoding="utf-8")


def installed():
    """What stands beside it, as names below /usr/share/doc/patd."""
    listed = re.search(r"set\(patd_documents ([^)]*)\)", PACKAGE)[1].split()
    examples = {f"examples/{path.relative_to(ROOT / 'docs/examples')}"
                for path in (ROOT / "docs/examples").rglob("*")}
    return {pathlib.PurePath(name).name for name in listed} | examples


class PackageReadme(unittest.TestCase):
    def test_every_link_leads_to_what_is_installed(self):
        links = re.findall(r"\]\(([^)]*)\)", README)
        self.assertGreater(len(links), 3)
        for link in links:
            if not link.startswith("https://"):
                self.assertIn(link, installed())

    def test_no_command_needs_a_checkout(self):
        text = re.sub(r"<!--.*?-->", "", README)
        self.assertNotRegex(text, r"tools/|cmake|checkout|docs/")
        for word in re.findall(r"^(\S+/\S+\.py)", text, re.M):
            self.assertIn(word, installed())

    def test_it_begins_with_what_patd_is_and_how_it_is_used(self):
        self.assertTrue(README.startswith("# patd\n"))
        self.assertEqual(re.findall(r"^## (.*)$", README, re.M)[0], "With git")


if __name__ == "__main__":
    sys.exit(unittest.main())
