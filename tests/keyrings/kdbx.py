# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""The content of a KeePassXC database, from the XML that keepassxc-cli exports: the live bundles,
and their old copies, which it keeps in an entry's history and in its recycle bin."""
import copy
from xml.etree import ElementTree

SCHEMA, BUNDLE = "xdg:schema", "org.patd.Tokens1.Bundle"
HISTORY, RECYCLE_BIN = "history", "recycle bin"


class Database:
    def __init__(self, xml):
        self._document = ElementTree.fromstring(xml)
        self._bin = self._document.findtext("Meta/RecycleBinUUID")

    def live(self):
        """The contents of the bundles that clients find."""
        return {_value(entry, "Password").text for entry, deleted in self._entries() if not deleted}

    def old_copies(self):
        """Pairs of the place and the content, of each content that is not alive."""
        alive = self.live()
        found = [(HISTORY, former) for entry, _ in self._entries()
                 for former in entry.iterfind("History/Entry") if _is_bundle(former)]
        found += [(RECYCLE_BIN, entry) for entry, deleted in self._entries() if deleted]
        copies = [(place, _value(entry, "Password").text) for place, entry in found]
        return list(dict.fromkeys(pair for pair in copies if pair[1] and pair[1] not in alive))

    def with_bundle(self, content):
        """The same database as XML, with that content in place of its only bundle."""
        changed = copy.deepcopy(self)
        (alive,) = (entry for entry, deleted in changed._entries() if not deleted)
        _value(alive, "Password").text = content
        return ElementTree.tostring(changed._document, encoding="unicode")

    def _entries(self):
        """Pairs of a bundle and whether it is in the recycle bin."""
        groups = [(group, False) for group in self._document.iterfind("Root/Group")]
        for group, deleted in groups:
            deleted = deleted or group.findtext("UUID") == self._bin
            groups += [(inner, deleted) for inner in group.iterfind("Group")]
            yield from ((entry, deleted) for entry in group.iterfind("Entry") if _is_bundle(entry))


def _value(entry, key):
    return next((string.find("Value") for string in entry.iterfind("String")
                 if string.findtext("Key") == key), None)


def _is_bundle(entry):
    schema = _value(entry, SCHEMA)
    return schema is not None and schema.text == BUNDLE
