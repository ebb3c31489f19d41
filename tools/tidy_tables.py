# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tools/tidy.py allows: limits, layers and exceptions, each with its reason."""

COLUMNS_MAX = 100
FILE_LINES_MAX = 600
FILE_LINES_MEDIAN_MAX = 200
HEADER_LINES_MAX = 150
SCRIPT_LINES_MAX = 150  # of the token page: one component or one role a file
FUNCTION_LINES_MAX = 70

# Folder -> what it may include besides itself and the system. A file belongs to the longest
# matching folder; common/* is each folder below common.
LAYERS = {
    "common/base": [],
    "common/line": ["common/base"],
    "common/json": ["common/base"],
    "common/token": ["common/base"],
    "common/step_up": ["common/base", "common/line"],
    "common/password": ["common/base", "common/line"],
    "common/bus": ["common/base"],
    # For what an a{sv} may hold, and how: one codec for both ends.
    "common/client": ["common/base", "common/token", "common/bus"],
    "auth": ["common/base", "common/line", "common/token", "common/step_up", "common/password"],
    # In the daemon a folder may use those above it.
    "daemon/store/database": ["common/base"],
    "daemon/store/keys": ["common/base"],
    "daemon/store/audit": ["common/base", "common/token", "daemon/store/database"],
    "daemon/store/tokens": ["common/base", "common/token", "daemon/store/database",
                            "daemon/store/keys"],
    "daemon/store/backup": ["common/base", "daemon/store/database", "daemon/store/keys",
                            "daemon/store/tokens"],
    "daemon/store/keyring": ["common/base", "common/token", "daemon/store/database",
                             "daemon/store/keys", "daemon/store/tokens"],
    "daemon/config": ["common/base", "common/token"],
    "daemon/admission": ["common/base", "common/bus"],
    "daemon/context": ["common/base", "common/token", "common/bus", "daemon/store/audit",
                       "daemon/store/tokens", "daemon/config", "daemon/admission"],
    "daemon/operation": ["common/base", "common/line", "common/step_up", "common/bus",
                         "daemon/admission", "daemon/context"],
    "daemon/release": ["common/base", "common/token", "common/bus", "daemon/store/tokens",
                       "daemon/config", "daemon/context"],
    "daemon/tokens": ["common/base", "common/token", "common/bus", "daemon/store/tokens",
                      "daemon/context", "daemon/operation"],
    # The witness is with patd-auth.
    "daemon/upkeep": ["common/base", "common/bus", "common/step_up", "daemon/store/tokens",
                      "daemon/store/backup", "daemon/context", "daemon/operation"],
    "daemon/line": ["common/base", "common/line", "common/token", "common/bus",
                    "daemon/admission", "daemon/context", "daemon/operation", "daemon/release"],
    "daemon/exposure": ["common/base", "common/token", "common/bus", "daemon/context",
                        "daemon/line"],
    "daemon/dbus": ["common/base", "common/token", "common/bus", "daemon/admission",
                    "daemon/context", "daemon/operation", "daemon/release", "daemon/tokens",
                    "daemon/upkeep", "daemon/exposure"],
    "daemon/keyring": ["common/base", "common/bus", "daemon/store/keyring", "daemon/context"],
    # With daemon/user, see PARTS.
    "daemon": ["common/base", "common/bus", "daemon/store/keys", "daemon/config",
               "daemon/admission", "daemon/context", "daemon/upkeep", "daemon/line",
               "daemon/exposure", "daemon/dbus", "daemon/keyring"],
    # It reads its configuration as patd does.
    "http": ["common/base", "common/line", "common/json", "common/token", "common/bus",
             "daemon/config"],
    "pam_module": ["common/base", "common/line", "common/token", "common/password"],
    "credential_helper/adapters": ["common/base", "common/json"],
    "credential_helper": ["common/base", "common/line", "credential_helper/adapters"],
    "cli/io": ["common/base", "common/client"],
    "cli/text": ["common/base", "common/token", "common/client"],
    "cli/session": ["common/base", "common/token", "common/step_up", "common/client", "cli/io",
                    "cli/text"],
    "cli/git": ["common/base", "common/line", "common/token", "cli/io", "cli/text",
                "cli/session"],
    # What a service's program is called, and how a shell quotes it, is known to cli/git.
    "cli/tools": ["common/base", "common/token", "common/client", "cli/io", "cli/text",
                  "cli/session", "cli/git"],
    "cli/import": ["common/base", "common/json", "common/token", "common/client", "cli/io",
                   "cli/text", "cli/session", "cli/git"],
    # The content of ~/.netrc affects what git sends.
    "cli/doctor": ["common/base", "common/line", "common/token", "common/client", "cli/io",
                   "cli/text", "cli/session", "cli/git", "cli/tools", "cli/import"],
    "cli/command": ["common/base", "common/line", "common/token", "common/client", "cli/io",
                    "cli/text", "cli/session", "cli/git", "cli/tools", "cli/import",
                    "cli/doctor"],
    "cli/converse": ["common/base", "common/json", "common/token", "common/client", "cli/io",
                     "cli/text", "cli/session", "cli/import", "cli/command"],
    "cli": ["common/base", "common/token", "cli/io", "cli/text", "cli/command", "cli/converse"],
    "bench": ["common/base", "common/token", "common/step_up", "common/password", "common/bus",
              "daemon/store/*"],
    "tests": ["common/*", "auth", "daemon", "daemon/*", "http", "pam_module", "credential_helper",
              "credential_helper/*", "cli", "cli/*", "bench"],
}

# Folders that LAYERS does not name, because they belong to the one above, and why.
PARTS = {
    "auth/enroll": "the main program of patd-enroll",
    "auth/counter": "the main program of patd-counter",
    "auth/user": "the main program of patd-user-auth",
    "bench/storm": "the attackers and the victim of a single bench",
    "daemon/user": "the main program of per-user mode, made of daemon's parts (ADR 0029)",
}

# System header -> the only places that may know it, and why.
SYSTEM_HEADERS = [
    ("systemd/*", ["common/bus/*", "common/client/*", "daemon/dbus/*",
                   "daemon/context/unit_lookup.*", "daemon/daemon.*",
                   "daemon/service_process.*", "http/main.cc"],
     "the domain must not know that a bus exists"),
    ("boost/*", ["http/request_reader.cc", "bench/beast_server.cc"],
     "one file knows Beast, and what it is measured against"),
    ("security/*", ["pam_module/*", "auth/*"], "PAM belongs to its module and patd-auth"),
    ("libsecret/*", ["daemon/keyring/secret_session.cc"], "one file knows libsecret"),
    ("gio/*", ["daemon/keyring/*"], "GLib is the keyring's alone"),
    ("glib*", ["daemon/keyring/*"], "GLib is the keyring's alone"),
    ("sqlite3.h", ["daemon/store/database/*", "auth/attempts.*"],
     "what a statement gives is checked in one place"),
    ("openssl/*", ["daemon/store/keys/*"], "one folder touches key bytes"),
    ("rapidjson/*", ["common/json/*", "cli/tools/json_file.cc"],
     "it is to work in secret buffers alone, or to say where something stands"),
    ("toml++/*", ["cli/tools/toml_file.cc"], "one file knows it"),
    ("yaml.h", ["cli/tools/yaml_file.cc"], "one file knows libyaml"),
    ("crypt.h", ["common/password/yescrypt.*"], "one file knows how passwords are hashed"),
    ("iostream", ["cli/*"], "its buffers keep copies of secrets; use write(2) or log()"),
]

# Who may catch an exception: code that C calls, and the beginning of a process.
FIREWALLS = {
    "common/base/log_bug.h": "without memory the line that says so is shorter",
    "common/bus/firewall.h": "every callback that sd-bus and sd-event call",
    "pam_module/pam_entry.cc": "every pam_sm_* entry point",
    "credential_helper/main.cc": "the process",
    "cli/main.cc": "the process",
    "cli/app.cc": "CLI11 says no by throwing",
    "daemon/main.cc": "the process",
    "auth/conversation.cc": "the conversation function that libpam calls",
    "auth/main.cc": "the process",
    "auth/counter/main.cc": "the process",
    "auth/enroll/main.cc": "the process",
    "auth/user/main.cc": "the process",
}

# Who may use `reveal`, which shows a secret's bytes, and why.
REVEALERS = {
    "cli/session/confirm.cc": "reads a yes or a no",
    "cli/session/carry_out.cc": "writes answers into sinks and a new secret to its descriptor",
    "cli/import/aws_credentials.cc": "takes the parts of a key out of a file",
    "cli/import/aws_key.cc": "reads the parts of a key, and puts them together",
    "cli/import/credential_file.cc": "reads a file of secrets",
    "cli/import/git_credentials.cc": "decodes the secrets of a file",
    "cli/import/home_netrc.cc": "gives ~/.netrc to its parser",
    "cli/import/import_file.cc": "gives a file of secrets to its parser",
    "cli/import/store_places.cc": "gives a file of secrets to its parser",
    "cli/import/npmrc.cc": "decodes the secrets of a file",
    "cli/import/pip_conf.cc": "decodes the secrets of a file",
    "cli/import/text_lines.cc": "decodes the secrets of a file",
    "cli/import/netrc.cc": "takes the secrets of a file out of their quotes",
    "cli/command/admin_key.cc": "writes and reads recovery files",
    "cli/command/ask_for_token.cc": "reads what a token is to be, none of it secret",
    "cli/command/key_install.cc": "gives a recovered master key to make-key",
    "cli/command/exec.cc": "puts a secret into the variable or the pipe of a command",
    "cli/command/get.cc": "writes a secret to its descriptor",
    "cli/command/script_token.cc": "reads the secret in patd's reply",
    "cli/converse/conversation.cc": "writes answers into sinks and a new secret into its message",
    "cli/io/line_channel.cc": "divides what it reads into lines",
    "cli/io/descriptor_io.cc": "reads a secret from its descriptor",
    "cli/io/terminal.cc": "reads what is typed",
    "common/base/recovery_key.cc": "writes a key for paper, and reads it back",
    "common/base/secret_buffer.cc": "defines it",
    "common/base/secret_buffer.h": "defines it",
    "common/base/secrets.h": "passes it on",
    "common/token/imported_secret.cc": "checks what was given as a secret",
    "common/client/sink.cc": "reads a secret from its sink",
    "common/json/json_text.cc": "writes texts, as secret as whoever asks for them",
    "common/line/line_message.cc": "writes lines, whose values may be secrets",
    "common/line/line_client.cc": "sends requests and receives replies that may hold secrets",
    "common/password/password_rules.cc": "looks at a typed password",
    "common/password/password_store.cc": "reads and writes the hash's file",
    "common/password/yescrypt.cc": "hashes a password",
    "common/step_up/frame_stream.cc": "sends and receives answers",
    "common/step_up/frame_stream.h": "gives a prompt's text",
    "common/step_up/step_up_client.cc": "puts answers into frames",
    "common/token/base64url.cc": "writes what it encodes and decodes",
    "common/token/token_string.cc": "writes a new secret's text",
    "credential_helper/adapters/bazel.cc": "puts a header into an answer",
    "credential_helper/adapters/cargo.cc": "puts a header into an answer",
    "credential_helper/tool.cc": "passes a tool's question on, and writes its answer",
    "credential_helper/ask_services.cc": "sees whether a reply is a match",
    "credential_helper/credential_reply.cc": "passes the daemon's answer on to git",
    "credential_helper/credential_request.cc": "passes git's request on to the daemon",
    "credential_helper/helper_chain.cc": "reads what git understands, and adds a line",
    "credential_helper/standard_streams.cc": "reads git's request",
    "http/connection.cc": "receives requests and sends responses",
    "http/credentials.cc": "decodes what a request shows",
    "http/endpoints.cc": "shows the fields of a response, which hold no secret",
    "http/exchange.cc": "puts the secret into an answer to the gateway",
    "http/form.cc": "decodes fields, one of which may be a token",
    "http/introspection.cc": "shows the description of a token, which has no secret",
    "http/patd_link.cc": "sends questions and receives replies",
    "http/response.cc": "writes a response, which may hold a secret",
    "auth/conversation.cc": "hands answers to PAM",
    "auth/user_check.cc": "puts a password into a request",
    "auth/enrollment.cc": "compares two entries of a new password",
    "daemon/upkeep/admin_service.cc": "sends the master key into root's sink",
    "daemon/tokens/bulk_import.cc": "divides the secrets of an import",
    "daemon/release/child_token.cc": "writes a child's text and checks its MAC",
    "daemon/release/feedback.cc": "looks up what git says worked",
    "daemon/release/feedback_refusal.cc": "looks up what git says was refused",
    "daemon/line/git_answer.cc": "puts a released secret into an answer to git",
    "daemon/keyring/secret_session.cc": "encrypts for the keyring, and decrypts what it gives",
    "daemon/line/line_exchange.cc": "puts the secret into an answer to the gateway",
    "daemon/line/line_send.cc": "sends replies",
    "daemon/line/request_place.cc": "sees whether an escaped user name is a token",
    "daemon/line/line_serve.cc": "receives requests",
    "daemon/operation/operation.cc": "sends a new secret into its sink",
    "daemon/release/release.cc": "takes the digest of an imported secret that it releases",
    "daemon/operation/sink.cc": "reads a secret from its sink",
    "daemon/operation/step_up.cc": "relays answers to patd-auth",
    "daemon/store/backup/backup_file.cc": "derives the key of a backup's MAC",
    "daemon/store/keyring/bundle_vault.cc": "seals and opens bundles of secrets",
    "daemon/store/keyring/keyring_store.cc": "writes and reads the key's item",
    "daemon/store/tokens/token_store.cc": "passes a key on to the vault",
    "daemon/store/tokens/key_table.cc": "wraps the store's keys",
    "daemon/store/keys/master_key.cc": "reads the master key",
    "daemon/store/keys/record_crypto.cc": "derives keys, opens seals",
    "daemon/store/tokens/new_secret.h": "hands a new secret and its refresh token to the store",
    "daemon/store/tokens/sealed_record.cc": "puts a secret under its seal",
    "daemon/store/tokens/sealed_record.h": "shows an opened record to the store",
    "daemon/store/tokens/token_reader.cc": "parts a secret from its refresh token",
    "daemon/store/tokens/token_writer.cc": "seals a new secret and takes its digest",
    "daemon/tokens/token_service.cc": "checks what was given as a secret",
    "daemon/dbus/verify_plan.cc": "verifies what was given",
    "pam_module/operations.cc": "compares two entries of a new password",
    "pam_module/pam_session.cc": "hands a password on to later modules when asked to",
    "pam_module/patd_request.cc": "reads the daemon's reply",
    "pam_module/service_password.cc": "puts a password into a request",
    "pam_module/token_password.cc": "puts a token into a request",
}

# Files of other projects that comments and documents name, and their projects.
FOREIGN_FILES = {
    "asm-generic/socket.h": "Linux",
    "cmocka.h": "cmocka",
    "creds-util.h": "systemd",
    "lib-credential.sh": "git's own tests",
    "sysexits.h": "libc",
}

# Texts that look like a row id of docs/attack-table.md but are not, and what they are.
NO_ROWS = {
    "C0": "control characters of Unicode, as C1, which is a row too",
}

# Words for documents that no reader of this tree has, and the fix.
NO_DOCUMENTS = [
    (r"\bDESIGN\b", "no reader has that page; say what it said, or name one that is there"),
    (r"\bsecurity [A-Z]\d", "no reader has that page; say what it said"),
    (r"\b[Cc]ases? [A-Z]\d", "no reader has that list; say what the case is"),
]

# The existing signals, and their purpose (ADR 0006).
SIGNALS = {
    "TokenExpiring": "what expires unseen breaks a job at night",
    "SecretReused": "an alarm that nobody hears is none",
}

# Where a path of a person's or developer's machine may stand, and why.
HOME_PATHS: dict[str, str] = {}

# Pattern, where (globs, "!" excludes), and the fix.
BANNED: list[tuple[str, list[str], str]] = [
    (r"\busing\s+namespace\b", ["*"], "`using namespace` hides where a name is from; name it"),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", ["*"],
     "unbounded or stateful C call; use std::string, std::span or SecretBuffer"),
    (r"\b(atoi|atol|atoll)\s*\(", ["*"], "errors read as 0; use std::from_chars"),
    (r"\bs?rand\s*\(", ["*"], "predictable; use Random (common/base/random.h)"),
    (r"\b(system|popen)\s*\(", ["*", "!tests/*", "!bench/*"],
     "a shell between us and the program; use posix_spawn"),
    (r"(?<!secure_)\bgetenv\s*\(", ["*", "!tests/*", "!bench/*"],
     "the environment is the caller's; use secure_getenv"),
    (r"\bsd_bus_(creds_\w+|query_sender_creds|get_name_creds|message_get_creds)\s*\(",
     ["daemon/*", "common/bus/*"], "may be filled in from /proc; use BusIdentity (row A8)"),
    (r"\bstd::getline\b", ["credential_helper/*"], "copies secrets into strings; use read(2)"),
    (r"\bstd::(cout|cerr|clog|cin)\b", ["*", "!cli/*", "!tests/*", "!bench/*"],
     "stream buffers keep copies; use write(2) or log()"),
    (r"\bstd::w?regex\b|\bregcomp\s*\(", ["*", "!tests/*", "!bench/*"],
     "goes back and forth over what a peer wrote; write the scan out (row D11)"),
    (r"#\s*include\s+<daemon/keyring/", ["daemon/*", "!daemon/user/*", "!daemon/keyring/*"],
     "patd links neither libsecret nor GLib; only patd-user knows the keyring"),
    (r"\bsd_bus_set_trusted\b", ["*"], "turns every access check off (CVE-2019-15718); row A3"),
    (r"\bsd_bus_query_sender_privilege\b", ["*"],
     "privilege is decided by euid alone (row A3); name an Access level in the vtable row"),
    (r"\bsd_bus_emit_\w+", ["*", "!tests/support/hostile_keyring.h"],
     "broadcasts that a token exists; one connection each (daemon/dbus/signals_bus.cc)"),
    (r"\bsd_bus_message_new_signal\w*", ["*", "!daemon/dbus/signals_bus.cc", "!tests/*"],
     "one place sends signals, so that none is a broadcast; use Subscriptions::tell"),
    (r"\b(u?sleep|nanosleep|sleep_for|sleep_until)\s*\(", ["tests/*"],
     "a test waits for the event, not for time"),
]
