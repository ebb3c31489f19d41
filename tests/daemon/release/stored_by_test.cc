// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/stored_by.h"

#include "common/base/limits.h"
#include "tests/support/service_fixture.h"

#include <gtest/gtest.h>

namespace patd {
namespace {

using support::kAlice;
using support::make_token;
using support::request_for;

ReleaseRequest request_by(const std::string& tool, const std::string& url) {
    ReleaseRequest request = request_for(url);
    request.tool = tool;
    return request;
}

Token stored(const std::string& url, const std::string& description) {
    Token token = make_token(kAlice, TokenKind::Imported, {.targets = {url}});
    token.provenance = Provenance::GitStore;
    token.description = description;
    return token;
}

TEST(StoredBy, IsKnownByTheDescriptionEvenIfThatIsCutOff) {
    for (const std::string& url :
         {std::string("https://git.example"), "https://git.example/" + std::string(100, 'x')}) {
        for (const char* tool : {"", "docker", "terraform", "odd:", ":"}) {
            const ReleaseRequest request = request_by(tool, url);
            const Token token = stored(url, describe_stored(request, url));
            EXPECT_LE(token.description.size(), limits::kDescriptionBytes);
            for (const char* asker : {"", "docker", "terraform", "odd:", ":"})
                EXPECT_EQ(is_stored_by_asker(token, request_by(asker, url)),
                          std::string_view(asker) == tool)
                    << tool << " " << asker;
        }
    }
}

TEST(StoredBy, IsGitWhereItsOwnerWroteTheDescription) {
    const std::string url = "https://git.example";
    const std::string full(limits::kDescriptionBytes, 'x');
    const std::vector<std::string> written = {"docker: work",
                                              "work",
                                              "",
                                              ": ",
                                              "docker:https://git.example",
                                              "docker: https://git.example/",
                                              full,
                                              full.substr(2) + ": "};
    for (const std::string& description : written) {
        const Token token = stored(url, description);
        EXPECT_TRUE(is_stored_by_asker(token, request_by("", url))) << description;
        EXPECT_FALSE(is_stored_by_asker(token, request_by("docker", url))) << description;
    }
}

// git asks through it, and stores by itself.
TEST(StoredBy, TakesAskpassForGit) {
    const std::string url = "https://git.example";
    EXPECT_TRUE(is_stored_by_asker(stored(url, "git: " + url), request_by("askpass", url)));
    EXPECT_FALSE(is_stored_by_asker(stored(url, "git: " + url), request_by("get", url)));
}

}  // namespace
}  // namespace patd
