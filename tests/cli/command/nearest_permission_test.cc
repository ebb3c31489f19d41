// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

TEST(NearestPermission, IsNamedForOneThatTheCatalogueDoesNotHave) {
    const Scratch secret;
    Patctl patctl({.errors = {{"Create", "org.patd.Tokens1.Error.UnknownPermission"}},
                   .permissions = {dictionary({{"area", "vcs"},
                                               {"object", "repository"},
                                               {"access", Texts{"ro", "rw"}},
                                               {"description", "Repositories"}})}});
    const Ran ran = patctl.run({"create", "x", "-p", "vcs,vcs:repositroy:ro", "--password-fd", "0",
                                "--output-fd", std::to_string(secret.fd())});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_TRUE(ran.err.ends_with(" (did you mean vcs:repository:ro?)\n")) << ran.err;
}

}  // namespace
}  // namespace patd::cli
