// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/key_seal.h"

#include "cli/io/process.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <string_view>

namespace patd::cli {
namespace {

// Of LoadCredentialEncrypted= in patd.service, and where systemd.exec(5) looks otherwise.
constexpr std::array kFiles = {
    "/etc/patd/master-key.cred",
    "/etc/credstore.encrypted/patd.master-key",
    "/run/credstore.encrypted/patd.master-key",
};

// systemd-creds writes base64; the first 16 bytes below it are the id of the kind of key
// (systemd's creds-util.h), of which these are all whole characters. systemd 262 begins what a TPM
// seals in a way of its own (Debian's 262.1, each --with-key= of systemd-creds(1)).
struct Kind {
    std::string_view start;
    const char* by;
};
constexpr std::array kKinds = {
    Kind{"Whxqht+dQJax1aZeCGLxm", "host"},      Kind{"DHzAexF2RZGcSwvqCLwg/", "tpm2"},
    Kind{"+vfrk0HjQSyhpDb5Wik2L", "tpm2"},      Kind{"k6iUCUh0RJCQyvL8k8q1U", "host+tpm2"},
    Kind{"r0lQqEkTTrGnOEYwT/MMB", "host+tpm2"}, Kind{"BYRp2vb1QySABUnaD46i+", "null"},
    Kind{"1AYt+3GtTIaAS0DvEYDx/", "tpm2"},      Kind{"Xi1cdgNyTq+EPG+19kCY9", "tpm2"},
    Kind{"FBQliBiiQM2QC86GLbXHu", "host+tpm2"}, Kind{"r7/qrOtqSjeVQZ0TXEfze", "host+tpm2"},
};
constexpr std::size_t kStartChars = 21;

}  // namespace

std::optional<SealedKey> find_sealed_key(const std::string& root) {
    for (const char* name : kFiles) {
        std::ifstream file(root + name, std::ios::binary);
        std::string start(kStartChars, '\0');
        if (!file.read(start.data(), static_cast<std::streamsize>(start.size())))
            continue;
        for (const Kind& kind : kKinds) {
            if (kind.start == start)
                return SealedKey{name, kind.by};
        }
        return SealedKey{name, ""};
    }
    return std::nullopt;
}

std::optional<bool> can_open_key(const std::string& root) {
    constexpr int kNotFound = 127;  // of sh(1)
    const std::optional<SealedKey> key = find_sealed_key(root);
    if (geteuid() != 0 || !key)
        return std::nullopt;
    // It goes nowhere: not through this process, and /dev/null as a file would be replaced.
    const Result<ProcessResult> ran = run_process(
        {"sh", "-c", "exec systemd-creds decrypt --name=patd.master-key \"$1\" - >/dev/null 2>&1",
         "sh", root + key->file});
    if (!ran || ran->status == kNotFound)
        return std::nullopt;
    return ran->status == 0;
}

bool has_tpm(const std::string& root) {
    return access((root + "/dev/tpmrm0").c_str(), F_OK) == 0;
}

}  // namespace patd::cli
