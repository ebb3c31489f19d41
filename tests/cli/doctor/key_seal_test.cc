// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/key_seal.h"

#include "cli/io/process.h"
#include "tests/cli/doctor/machine_fixture.h"

namespace patd::cli {
namespace {

using KeySealTest = doctor::MachineTest;

// Row S18.
TEST_F(KeySealTest, ReadsFromTheFileWhatOpensIt) {
    EXPECT_FALSE(find_sealed_key(tree_.path()));
    const std::pair<const char*, const char*> kinds[] = {
        {"DHzAexF2RZGcSwvqCLwg/gAAAAABAAAA", "tpm2"},
        {"k6iUCUh0RJCQyvL8k8q1UwAAAAABAAAA", "host+tpm2"},
        {"Whxqht+dQJax1aZeCGLxmgAAAAABAAAA", "host"},
        {"1AYt+3GtTIaAS0DvEYDx/CAAAAABAAAA", "tpm2"},
        {"Xi1cdgNyTq+EPG+19kCY9SAAAAABAAAA", "tpm2"},
        {"FBQliBiiQM2QC86GLbXHuSAAAAABAAAA", "host+tpm2"},
        {"r7/qrOtqSjeVQZ0TXEfzeyAAAAABAAAA", "host+tpm2"},
        {"BYRp2vb1QySABUnaD46i+wAAAAABAAAA", "null"},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAABAAAA", ""},
    };
    for (const auto& [text, by] : kinds) {
        put("/etc/patd/master-key.cred", text, 0, 0600);
        const std::optional<SealedKey> key = find_sealed_key(tree_.path());
        ASSERT_TRUE(key) << text;
        EXPECT_EQ(key->file, "/etc/patd/master-key.cred");
        EXPECT_EQ(key->by, by);
        EXPECT_EQ(key->needs_tpm(), std::string_view(by).ends_with("tpm2"));
    }
    put("/etc/patd/master-key.cred", "short", 0, 0600);
    EXPECT_FALSE(find_sealed_key(tree_.path()));
    put("/etc/credstore.encrypted/patd.master-key", kinds[0].first, 0, 0600);
    EXPECT_EQ(find_sealed_key(tree_.path())->file, "/etc/credstore.encrypted/patd.master-key");
}

// With the real systemd-creds, and the key file of a machine of its own.
TEST_F(KeySealTest, TellsRootWhetherTheMachineCanStillOpenIt) {
    EXPECT_EQ(can_open_key(tree_.path()), std::nullopt);
    put("/etc/patd/master-key.cred", "", 0, 0600);
    const std::string file = machine_.at("/etc/patd/master-key.cred");
    const std::string machine_key = machine_.at("/credential.secret");
    setenv("SYSTEMD_CREDENTIAL_SECRET", machine_key.c_str(), 1);
    const auto made = run_process({"sh", "-c",
                                   "head -c 32 /dev/zero | systemd-creds encrypt --with-key=host "
                                   "--name=patd.master-key - - 2>/dev/null >\"$1\"",
                                   "sh", file});
    ASSERT_TRUE(made && made->status == 0);
    const bool is_root = geteuid() == 0;
    EXPECT_EQ(can_open_key(tree_.path()), is_root ? std::optional(true) : std::nullopt);
    std::filesystem::remove(machine_key);
    EXPECT_EQ(can_open_key(tree_.path()), is_root ? std::optional(false) : std::nullopt);
    unsetenv("SYSTEMD_CREDENTIAL_SECRET");
}

}  // namespace
}  // namespace patd::cli
