# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""What tool_test.py must know of a tool; each file of_NAME.py has a subclass."""
import os

FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/lib/go-1.24/bin")
TOOLS = {}  # name: class


class Tool:
    name = ""
    program = ""           # that must be there; the tool's name if empty
    adapter = ""           # as the audit log has it
    scheme = "http"        # of its server; "" if it has none
    kind = "child"         # of the secret that its server is sent; "imported" for what stays
    user = "alice"         # of an imported secret
    is_usable_alone = False  # without a token, at a server that lets everybody in
    shows = True           # why a token that fits is not released
    shows_at_most = 1      # how often
    names_user = False     # it says which account it means
    server_class = None    # of a server that is none of the web
    seconds = 60
    setup = ()             # what follows `patctl setup`, without places
    setup_file = ""        # what that writes to, below the home

    def __init_subclass__(cls):
        if cls.name:
            TOOLS[cls.name] = cls

    def __init__(self, world, home):
        self.world, self.home, self.server = world, home, None

    @classmethod
    def find(cls, tree):
        """Its program, as it is called inside `tree`; None if it is not there.
        PATD_TOOLS_NAME says where it is otherwise."""
        name = cls.program or cls.name
        told = os.environ.get(f"PATD_TOOLS_{name.upper()}")
        paths = [told] if told and not tree else [f"{folder}/{name}" for folder in FOLDERS]
        return next((path for path in paths if os.path.exists(tree + path)), None)

    @property
    def path(self):
        return self.find(self.world.tree)

    def make_server(self):
        if self.server_class:
            server = self.server_class(self.world.accepts)
            self.world.servers.append(server)
            return server
        return self.world.serve(self.scheme) if self.scheme else None

    def places(self):
        """The targets of a token for it."""
        return [self.server.url]

    def configure(self, user=""):
        """Writes the tool's configuration, once; `user` where names_user."""

    def command(self):
        """(argv, more environment)"""
        raise NotImplementedError

    def configure_before_setup(self):
        """What its user has, of which `patctl setup` makes what configure() writes."""
        raise NotImplementedError

    def setup_places(self):
        """The names that are given to `patctl setup`; none: those of all tokens."""
        return ()

    def command_after_setup(self):
        return self.command()

    def write(self, name, text, mode=0o644):
        path = f"{self.home}/{name}"
        self.world.write(path, text, mode)
        return path

    def after_found(self, case):
        """What else must be true of a run that was let in."""
