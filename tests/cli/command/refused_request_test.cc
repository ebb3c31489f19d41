// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Script refusing(const std::string& why) {
    const auto object = [](const char* area, const char* name) {
        return dictionary({{"area", area},
                           {"object", name},
                           {"access", Texts{"ro", "rw"}},
                           {"description", "Repositories"}});
    };
    return {.errors = {{"Create", "org.patd.Tokens1.Error." + why}},
            .permissions = {object("vcs", "repository"), object("vcs", "issue"),
                            object("ci", "pipeline")}};
}

std::string refusal_of(const std::string& permissions) {
    const Scratch secret;
    Patctl patctl(refusing("UnknownPermission"));
    const Ran ran = patctl.run({"create", "x", "-p", permissions, "--password-fd", "0",
                                "--output-fd", std::to_string(secret.fd())});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    return ran.err;
}

TEST(RefusedRequest, NamesThePermissionThatTheCatalogueDoesNotHaveAndTheNearest) {
    EXPECT_EQ(refusal_of("vcs:issue,vcs:repositroy:ro"),
              "patctl: vcs:repositroy:ro: there is no object 'repositroy' in vcs; did you mean "
              "vcs:repository:ro?\n");
    EXPECT_EQ(refusal_of("vsc:repository:rw"),
              "patctl: vsc:repository:rw: there is no area 'vsc'; did you mean "
              "vcs:repository:rw?\n");
    EXPECT_EQ(refusal_of("vcs:wiki"),
              "patctl: vcs:wiki: there is no object 'wiki' in vcs; see 'patctl permissions'\n");
    EXPECT_TRUE(
        refusal_of("frobnicate")
            .ends_with("frobnicate: there is no area 'frobnicate'; see 'patctl permissions'\n"));
}

TEST(RefusedRequest, NamesTheExpiryThatTheMachineWants) {
    const Scratch secret;
    client::Script script = refusing("InvalidExpiry");
    script.status = dictionary({{"token-lifetime-max", std::int64_t{365} * 24 * 3600}});
    Patctl patctl(script);
    const Ran ran = patctl.run({"create", "x", "-p", "vcs", "--password-fd", "0", "--output-fd",
                                std::to_string(secret.fd())});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_EQ(ran.err, "patctl: this machine wants an expiry of at most 1y; add -e 1y\n");
}

}  // namespace
}  // namespace patd::cli
