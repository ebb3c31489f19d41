// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/key.h"

#include "cli/doctor/key_seal.h"
#include "cli/doctor/unit_text.h"
#include "common/base/names.h"

#include <algorithm>
#include <array>

namespace patd::cli::doctor {
namespace {

constexpr char kExported[] = "key-exported";
constexpr char kNewKeyCommand[] = "sudo patctl admin rotate-key --master FILE";
constexpr char kHostKey[] = "/var/lib/systemd/credential.secret";
constexpr char kExportCommand[] = "sudo patctl admin export-key FILE";

// Where systemd and patd look for it: systemd.exec(5), LoadCredential=, and patd(8).
constexpr std::array kKeyPlaces = {
    "/etc/patd/master-key.cred",
    "/etc/credstore.encrypted/patd.master-key",
    "/etc/credstore/patd.master-key",
    names::kMasterKeyFile,
};

void check_presence(const Machine& machine, Findings& findings) {
    bool hidden = false;
    for (const char* place : kKeyPlaces) {
        const FileFacts file = look_at(machine, place);
        if (file.is_there())
            return;
        hidden = hidden || file.presence == Presence::Hidden;
    }
    const FileFacts store = look_at(machine, std::string(names::kStateDirectory) + "/store.db");
    if (hidden || store.presence == Presence::Hidden)
        return findings.hide("the master key");
    if (store.is_there())
        findings.error(
            "there is a store, but no master key to open it: restore the key from a backup, or "
            "make one from its recovery file (patd(8), RECOVERY)",
            "sudo patctl admin recover-key FILE --install");
}

// What systemd-creds loads to reach a TPM, and what Debian calls the package of it.
struct Library {
    const char* name;
    const char* package;
};
constexpr std::array kTpmLibraries = {
    Library{"libtss2-esys.so.0", "libtss2-esys-3.0.2-0"},
    Library{"libtss2-mu.so.0", "libtss2-mu0"},
    Library{"libtss2-rc.so.0", "libtss2-rc0"},
    Library{"libtss2-tcti-device.so.0", "libtss2-tcti-device0"},
};

bool has_library(const Machine& machine, const char* library) {
    std::vector<std::string> folders = {"/usr/lib", "/usr/lib64"};
    const auto names = list_names(machine, "/usr/lib");
    for (const std::string& name : names.value_or(std::vector<std::string>()))
        if (name.find("-linux-") != std::string::npos)
            folders.push_back("/usr/lib/" + name);
    return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
        return look_at(machine, folder + "/" + library).is_there();
    });
}

void check_unused_tpm(const Machine& machine, Findings& findings) {
    std::string lacking;
    std::string packages;
    for (const Library& library : kTpmLibraries) {
        if (has_library(machine, library.name))
            continue;
        lacking += (lacking.empty() ? "" : ", ") + std::string(library.name);
        packages += " " + std::string(library.package);
    }
    const std::string unused =
        "TPM: no. This machine has one, but the master key is sealed without it, by a key file "
        "on the same disk";
    if (lacking.empty())
        return findings.warn(unused, kNewKeyCommand);
    findings.warn(unused + "; systemd-creds cannot reach a TPM without " + lacking,
                  "sudo apt install" + packages);
}

// What opens the key, and whether a stolen disk carries all of it.
void check_seal(const Machine& machine, bool is_running, Findings& findings) {
    const std::optional<SealedKey> key = find_sealed_key(machine.root);
    if (!key)
        return;
    if (key->needs_host() && look_at(machine, kHostKey).presence == Presence::Missing)
        findings.error(std::string(kHostKey) +
                           ", which opens the master key, is gone: systemd deletes it when it is "
                           "used under another machine id" +
                           (is_running ? ". patd has the key until it is stopped" : ""),
                       is_running ? kNewKeyCommand : kRecoverKey);
    if (key->needs_tpm() || key->by.empty())
        return;
    if (key->by == "null")
        findings.error(key->file + " is not sealed: anybody who reads it has the master key",
                       kNewKeyCommand);
    else if (look_at(machine, "/dev/tpmrm0").is_there())
        check_unused_tpm(machine, findings);
    else
        findings.note(
            "TPM: no. The master key is sealed by a key file of this machine, so a "
            "stolen disk carries both; patd(8), FILES",
            "man 8 patd");
}

}  // namespace

void check_key(const Machine& machine, const std::optional<client::Dictionary>& admin_status,
               Findings& findings) {
    check_presence(machine, findings);
    check_seal(machine, admin_status.has_value(), findings);
    if (!machine.user.is_root())
        return findings.hide("whether the master key was exported");
    // A service that does not answer cannot export it either.
    if (!admin_status || !admin_status->has(kExported))
        return findings.hide("whether the master key was exported");
    if (admin_status->time(kExported) == 0)
        findings.warn(
            "the master key was never exported: without its recovery file, a broken disk or TPM "
            "loses every token",
            kExportCommand);
}

}  // namespace patd::cli::doctor
