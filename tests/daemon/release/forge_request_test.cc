// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/forge_request.h"

#include "common/base/limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patd {
namespace {

Forge rest_forge() {
    Forge forge;
    forge.rest = {ForgeScheme::Token, {}};
    forge.rules = {
        {Permission::parse("vcs:repository:ro").value(), "GET", {"repos", "*", "*", "commits"}},
        {Permission::parse("vcs:issue:rw").value(), "POST", {"repos", "*", "*", "issues"}},
    };
    return forge;
}

// "PERMISSION PLACE", or "refused".
std::string judge_target(std::string_view method, std::string_view target,
                         const Forge* forge = nullptr) {
    const std::optional<ForgeRequest> judged = judge_forge_request(forge, method, target);
    return judged ? judged->permission.text() + " " + judged->place : "refused";
}

TEST(ForgeRequest, FetchingReadsAndPushingWrites) {
    EXPECT_EQ(judge_target("GET", "/team/repo.git/info/refs?service=git-upload-pack"),
              "vcs:repository:ro team/repo.git");
    EXPECT_EQ(judge_target("POST", "/team/repo.git/git-upload-pack"),
              "vcs:repository:ro team/repo.git");
    EXPECT_EQ(judge_target("GET", "/team/repo.git/info/refs?service=git-receive-pack"),
              "vcs:repository:rw team/repo.git");
    EXPECT_EQ(judge_target("POST", "/team/repo.git/git-receive-pack"),
              "vcs:repository:rw team/repo.git");
    EXPECT_EQ(judge_target("POST", "/team/m%C3%A4rz%20.git/git-upload-pack"),
              "vcs:repository:ro team/m\xc3\xa4rz .git");
}

TEST(ForgeRequest, NothingElseOfGitIsLetThrough) {
    const std::pair<const char*, const char*> requests[] = {
        {"GET", "/team/repo.git/info/refs"},
        {"GET", "/team/repo.git/info/refs?"},
        {"GET", "/team/repo.git/info/refs?service=git-upload-archive"},
        {"GET", "/team/repo.git/info/refs?service=git-upload-pack&service=git-receive-pack"},
        {"GET", "/team/repo.git/info/refs?service=git%2Dupload-pack"},
        {"GET", "/team/repo.git/info/refs?x=1&service=git-upload-pack"},
        {"HEAD", "/team/repo.git/info/refs?service=git-upload-pack"},
        {"POST", "/team/repo.git/info/refs?service=git-upload-pack"},
        {"get", "/team/repo.git/info/refs?service=git-upload-pack"},
        {"", "/team/repo.git/info/refs?service=git-upload-pack"},
        {"GET", "/team/repo.git/git-upload-pack"},
        {"PUT", "/team/repo.git/git-receive-pack"},
        {"POST", "/team/repo.git/git-receive-pack?"},
        {"POST", "/team/repo.git/git-upload-pack?x"},
        {"POST", "/team/repo.git/git-Upload-pack"},
        {"POST", "/team/repo.git/git-upload-pack/"},
        {"POST", "/team/repo.git/info/lfs/objects/batch"},
        {"GET", "/team/repo.git/HEAD"},
        {"GET", "/team/repo.git/objects/info/packs"},
        {"POST", "/git-upload-pack"},
        {"GET", "/info/refs?service=git-upload-pack"},
        {"CONNECT", "forge.example:443"},
        {"GET", "https://forge.example/team/repo.git/info/refs?service=git-upload-pack"},
        {"OPTIONS", "*"},
        {"GET", ""},
        {"GET", "/"},
    };
    for (const auto& [method, target] : requests)
        EXPECT_EQ(judge_target(method, target), "refused") << method << " " << target;
}

// Row G5.
TEST(ForgeRequest, NoTargetThatTwoServersCouldReadDifferentlyIsLetThrough) {
    const std::string_view faults[] = {
        "/team/../repo.git",     "/team/./repo.git",    "/team//repo.git",   "//team/repo.git",
        "/team/%2e%2e/repo.git", "/team/%2E./repo.git", "/team%2frepo.git",  "/team%2Frepo.git",
        "/team/%252e/repo.git",  "/team%5crepo.git",    "/team\\repo.git",   "/team/..;/repo.git",
        "/team;x=1/repo.git",    "/team%3b/repo.git",   "/team%23/repo.git", "/team#/repo.git",
        "/team%3f/repo.git",     "/team%00/repo.git",   "/team%0d%0a/x.git", "/team%1f/repo.git",
        "/team%7f/repo.git",     "/team /repo.git",     "/team\t/repo.git",  "/team\r\n/repo.git",
        "/team%/repo.git",       "/team%2/repo.git",    "/team%zz/repo.git", "/team%c0%ae/repo.git",
        "/team%ff/repo.git",     "/te\xc3\xa4m/x.git",  "team/repo.git",     "/..",
    };
    for (const std::string_view fault : faults) {
        const std::string target = std::string(fault) + "/git-upload-pack";
        EXPECT_EQ(judge_target("POST", target), "refused") << target;
        const std::string refs = std::string(fault) + "/info/refs?service=git-upload-pack";
        EXPECT_EQ(judge_target("GET", refs), "refused") << refs;
    }
    const std::string with_zero("/team\0/repo.git/git-upload-pack", 31);
    EXPECT_EQ(judge_target("POST", with_zero), "refused");
}

TEST(ForgeRequest, ATargetIsOfALimitedLength) {
    const std::string end = "/git-upload-pack";
    const auto of_size = [&](std::size_t size) {
        std::string target;
        while (target.size() + end.size() + 2 <= size)
            target += "/a";
        return std::string(size - target.size() - end.size(), 'a').insert(0, target) + end;
    };
    // Longer ones than a place can be are refused before the target is too long.
    EXPECT_NE(judge_target("POST", of_size(200)), "refused");
    EXPECT_EQ(judge_target("POST", of_size(limits::kForgeTargetBytes)), "refused");
    const Forge forge = rest_forge();
    const std::string start = "/repos/team/repo/commits?q=";
    const auto query = [&](std::size_t size) {
        return judge_target("GET", start + std::string(size - start.size(), 'q'), &forge);
    };
    EXPECT_EQ(query(limits::kForgeTargetBytes), "vcs:repository:ro repos/team/repo/commits");
    EXPECT_EQ(query(limits::kForgeTargetBytes + 1), "refused");
}

TEST(ForgeRequest, OfRestOnlyWhatTheTableListsIsLetThrough) {
    const Forge forge = rest_forge();
    EXPECT_EQ(judge_target("GET", "/repos/team/repo/commits", &forge),
              "vcs:repository:ro repos/team/repo/commits");
    EXPECT_EQ(judge_target("GET", "/repos/team/repo/commits?page=2&per_page=100", &forge),
              "vcs:repository:ro repos/team/repo/commits");
    EXPECT_EQ(judge_target("POST", "/repos/team/repo/issues", &forge),
              "vcs:issue:rw repos/team/repo/issues");
    const std::pair<const char*, const char*> requests[] = {
        {"POST", "/repos/team/repo/commits"},
        {"GET", "/repos/team/repo/issues"},
        {"GET", "/repos/team/repo"},
        {"GET", "/repos/team/repo/commits/main"},
        {"GET", "/repos/team/repo/commits/"},
        {"GET", "/Repos/team/repo/commits"},
        {"GET", "/repos/team/repo/hooks"},
        {"GET", "/repos/team%2frepo/x/commits"},
        {"GET", "/repos/team/repo/../commits"},
        {"HEAD", "/repos/team/repo/commits"},
        {"GET", "/x/repos/team/repo/commits"},
        {"GET", "/repos//repo/commits"},
    };
    for (const auto& [method, target] : requests)
        EXPECT_EQ(judge_target(method, target, &forge), "refused") << method << " " << target;
    EXPECT_EQ(judge_target("GET", "/repos/team/repo/commits"), "refused") << "no table";
}

TEST(ForgeRequest, NoCredentialAndNoOtherUserComesInAQuery) {
    const Forge forge = rest_forge();
    for (const char* query :
         {"private_token=x", "access_token=x", "a=1&token=x", "sudo=root", "SUDO=root", "a;token=x",
          "Private_Token=x", "%70rivate_token=x", "to+ken=x", "token", "token[]=x", "a=%0a", "a=%",
          "a=1#x", "a=\x7f", "job_token=x", "oauth_token=x", "client_secret=x"})
        EXPECT_EQ(judge_target("GET", std::string("/repos/team/repo/commits?") + query, &forge),
                  "refused")
            << query;
    for (const char* query : {"", "a", "a=%20b", "path=docs%2Fx", "tokens=1", "q=token"})
        EXPECT_NE(judge_target("GET", std::string("/repos/team/repo/commits?") + query, &forge),
                  "refused")
            << query;
}

TEST(ForgeRequest, TheTableSaysHowTheForgeTakesTheSecret) {
    Forge forge = rest_forge();
    forge.git = {ForgeScheme::Basic, "oauth2"};
    const auto git = judge_forge_request(&forge, "POST", "/team/repo/git-upload-pack");
    ASSERT_TRUE(git);
    EXPECT_TRUE(git->is_git);
    EXPECT_EQ(git->auth.username, "oauth2");
    const auto rest = judge_forge_request(&forge, "GET", "/repos/team/repo/commits");
    ASSERT_TRUE(rest);
    EXPECT_FALSE(rest->is_git);
    EXPECT_EQ(rest->auth.scheme, ForgeScheme::Token);
    const auto plain = judge_forge_request(nullptr, "POST", "/team/repo/git-upload-pack");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->auth.scheme, ForgeScheme::Basic);
    EXPECT_EQ(plain->auth.username, "");
}

TEST(ForgeRequest, EveryPrefixOfAGoodTargetIsJudged) {
    const Forge forge = rest_forge();
    const std::string good = "/repos/team/repo/commits?page=2";
    for (std::size_t size = 0; size < good.size(); ++size) {
        const std::string judged = judge_target("GET", good.substr(0, size), &forge);
        EXPECT_EQ(judged != "refused", size >= good.find('?')) << size;
    }
}

}  // namespace
}  // namespace patd
