// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/foreign_token.h"

#include <gtest/gtest.h>

#include <string>

namespace patd {
namespace {

TEST(ForeignToken, KnowsTheTokensOfWellKnownForges) {
    const std::string rest = std::string(19, 'x') + '7';
    for (const char* prefix : {"ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "glptt-", "gldt-",
                               "ATBB", "npm_", "dckr_pat_", "pat1_", "patc1_"})
        EXPECT_TRUE(looks_like_token(prefix + rest)) << prefix;
    EXPECT_TRUE(looks_like_token("0123456789abcdef0123456789abcdef01234567"));
    EXPECT_TRUE(looks_like_token(std::string(26, 'a') + std::string(26, '7')));
    EXPECT_TRUE(looks_like_token("eyJhbGciOiJIUzI1NiJ9." + std::string(40, 'a') + "." + rest));
}

TEST(ForeignToken, TakesNoNameForAToken) {
    for (const char* name : {"",
                             "alice",
                             "bot",
                             "x-access-token",
                             "oauth2",
                             "gitlab-ci-token",
                             "x-token-auth",
                             "ghp_alice",
                             "ghost",
                             "npm_bot",
                             "alice.smith@example.com",
                             "eyJ",
                             "f47ac10b-58cc-4372-a567-0e02b2c3d479",
                             "gitlab+deploy-token-1234567",
                             "CORP\\alice",
                             "0123456789abcdef0123456789abcdef",
                             "ghp_xxxxxxxxxxxxxxxx xxx7",
                             "gitea_deploy_production_bot",
                             "npm_publisher_of_the_team",
                             "hf_readers_of_all_models"})
        EXPECT_FALSE(looks_like_token(name)) << name;
}

}  // namespace
}  // namespace patd
