// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>

namespace patd::cli {

// The master key as systemd keeps it for patd.
struct SealedKey {
    std::string file;
    // What opens it: "tpm2", "host" (a key file of this machine), "host+tpm2" (both are needed),
    // "null" (nothing: whoever has the file), or "" for a way that this version does not know.
    std::string by;

    // The key file of this machine, /var/lib/systemd/credential.secret.
    bool needs_host() const { return by == "host" || by == "host+tpm2"; }
    bool needs_tpm() const { return by == "tpm2" || by == "host+tpm2"; }
};

// Looks where systemd looks, below `root`. Nothing: there is no such file, or it may not be read:
// that is for root, and the service itself cannot see how its key was sealed.
std::optional<SealedKey> find_sealed_key(const std::string& root);

// Whether this machine can still open the key; systemd-creds(1) tries it. Nothing when that cannot
// be told: by somebody who is not root, without a sealed key, without systemd-creds.
std::optional<bool> can_open_key(const std::string& root);

// Whether the machine has a TPM that programs can use.
bool has_tpm(const std::string& root);

}  // namespace patd::cli
