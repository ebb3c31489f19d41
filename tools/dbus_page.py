#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""Writes docs/man/org.patd.Tokens1.5.md from systemd/dbus/org.patd.Tokens1.xml and the list of
errors, so that the page says what the interface file says. Run it after a change of either; with
--check it only says whether the page is what it would write (tests/docs)."""
import pathlib
import re
import sys
import textwrap
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "org.patd.Tokens1"
PAGE = ROOT / f"docs/man/{NAME}.5.md"
INTRODUCTION = """% org.patd.Tokens1(5) patd | File formats
%
% 2026

# NAME

org.patd.Tokens1 - the D-Bus interface of the personal access token service

# DESCRIPTION

**patd**(8) owns the name *org.patd.Tokens1* on the system bus. Its object is */org/patd/Tokens1*.
Each token is */org/patd/Tokens1/token/ID*, which only its owner can see. Each operation under way
is */org/patd/Tokens1/operation/ID*, which only the connection that began it can see.

{preamble}

# A SENSITIVE CALL

1. A call that begins something (**Create**, for example) checks and freezes its parameters and
   answers with the path of an operation.
2. **Next** gives one prompt at a time. Show its text, ask the user, write the answer to the sink
   that came with it, close the sink, and call **Next** again, until the kind is *done*.
3. Make a socketpair, shut down reading on one end (*SHUT_RD*), and pass that end to **Commit**.
   Close it, and read the new secret from the other end until end of file.
4. **Acknowledge** says that the secret has arrived. Until then it is not valid, and an old one
   stays valid.

*/usr/share/doc/patd/examples/create_token.py* does this in Python. If no secret is involved,
**busctl**(1) is enough:

    busctl call org.patd.Tokens1 /org/patd/Tokens1 org.patd.Tokens1.Manager List

"""
ENDING = """
# ERRORS

Each is *org.patd.Tokens1.Error.NAME*. Its text is a fixed sentence that says what to do.

{errors}

# SEE ALSO

**patd**(8), **patctl**(1), **busctl**(1)
"""


def plain(comment):
    """A comment as paragraphs, with what Markdown would take for markup escaped."""
    text = textwrap.dedent("  " + comment.strip("\n"))
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return [re.sub(r"([\\`*_{}\[\]<>#|~^$@])", r"\\\1", " ".join(part.split()))
            for part in paragraphs]


def wrap(text, first="", rest=""):
    return textwrap.fill(text, 100, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def heading(member):
    def listed(direction):
        return ", ".join(f"{arg.get('type')} *{arg.get('name')}*" for arg in member.iter("arg")
                         if arg.get("direction") == direction)
    if member.tag == "signal":
        return f"Signal **{member.get('name')}**({listed(None)})"
    text = f"**{member.get('name')}**({listed('in')})"
    return text + (f" -> ({listed('out')})" if listed("out") else "")


def read_tree():
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    return ElementTree.parse(ROOT / f"systemd/dbus/{NAME}.xml", parser=parser).getroot()


def write_interface(interface, comment):
    lines = [f"# INTERFACE {interface.get('name')}", ""]
    for paragraph in plain(comment) if comment else []:
        lines += [wrap(paragraph), ""]
    before = ""
    for child in interface:
        if child.tag is ElementTree.Comment:
            before = child.text
        elif child.tag in ("method", "signal"):
            said = "\n\n".join(wrap(paragraph, "    ", "    ") for paragraph in plain(before))
            lines += [heading(child), *([":" + said[1:]] if said else []), ""]
            before = ""
    return "\n".join(lines)


def read_preamble():
    """The last comment before the root: what applies to the whole interface."""
    text = (ROOT / f"systemd/dbus/{NAME}.xml").read_text(encoding="utf-8")
    comments = re.findall(r"<!--(.*?)-->", text.split("<node ")[0], re.DOTALL)
    # Its first line names the file; the errors have their own section.
    return "\n\n".join(wrap(paragraph) for paragraph in plain(comments[-1])[1:]
                       if not paragraph.startswith("Every error is"))


def read_errors():
    text = (ROOT / "common/base/errc.def").read_text(encoding="utf-8")
    rows = re.findall(r'PATD_ERRC\((\w+), \w+,((?:\s*"(?:[^"\\]|\\.)*")+)\)', text)
    return "\n\n".join(
        f"**{name}**\n" + wrap(plain("".join(re.findall(r'"(.*?)"', said)))[0], ":   ", "    ")
        for name, said in rows)


def write_page():
    root, comment, interfaces = read_tree(), "", []
    for child in root:
        if child.tag is ElementTree.Comment:
            comment = child.text
        else:
            interfaces.append(write_interface(child, comment))
            comment = ""
    return (INTRODUCTION.format(preamble=read_preamble()) + "\n".join(interfaces) +
            ENDING.format(errors=read_errors()))


def main(arguments):
    page = write_page()
    if arguments == ["--check"]:
        if PAGE.read_text(encoding="utf-8") == page:
            return 0
        print(f"{PAGE.name} is not what the interface file says; run tools/dbus_page.py")
        return 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
