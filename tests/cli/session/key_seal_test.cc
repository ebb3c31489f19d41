// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/key_seal.h"

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

}  // namespace
}  // namespace patd::cli
