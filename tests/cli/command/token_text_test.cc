// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/token_text.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace patd::cli {
namespace {

TEST(FormatTokens, ShowsOneTokenARow) {
    EXPECT_EQ(format_tokens({some_token()}, kNow, {}),
              "ID          DESCRIPTION  KIND    STATE   PERMISSIONS        TARGETS              "
              "USERNAME  EXPIRES     LAST USED\n"
              "AbCdE01234  laptop       issued  active  vcs:repository:ro  https://git.example  "
              "alice     in 89 days  2 hours ago\n");
}

TEST(FormatTokens, MarksWhatExpiresSoon) {
    client::Dictionary token = some_token();
    token.set("expires-soon", true);
    EXPECT_NE(format_tokens({token}, kNow, {}).find("  expiring  "), std::string::npos);
    EXPECT_NE(format_tokens({token}, kNow, {.color = true}).find("\x1b[33mexpiring\x1b[0m  "),
              std::string::npos);
    EXPECT_NE(format_token(token, {}, kNow).find("(in 89 days), soon\n"), std::string::npos);
}

TEST(FormatTokens, MarksWhatGoesThroughTheGateway) {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    token.set("secret-kind", "text");
    token.set("through-gateway", true);
    EXPECT_NE(format_tokens({token}, kNow, {}).find("  imported (gateway)  "), std::string::npos);
    const std::string text = format_token(token, {}, kNow);
    EXPECT_NE(text.find("goes to the gateway alone\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Children"), std::string::npos) << text;
    token.set("through-gateway", false);
    EXPECT_EQ(format_token(token, {}, kNow).find("gateway"), std::string::npos);
}

TEST(FormatTokens, FitsATerminalOfEightyColumns) {
    client::Dictionary token = some_token();
    token.set("description", "https://forge.example/team, from .git-credentials");
    EXPECT_EQ(format_tokens({token}, kNow, {.width = 80}),
              "ID          DESCRIPTION             STATE   TARGETS      EXPIRES     LAST USED\n"
              "AbCdE01234  forge.example/team,...  active  git.example  in 89 days  2 hours ago\n");
}

TEST(FormatTokens, ShowsDatesAndEveryTargetWhereAllIsAskedFor) {
    setenv("TZ", "UTC", 1);
    tzset();
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://a", "https://b", "https://c"});
    const std::string text = format_tokens({token}, kNow, {.whole = true});
    EXPECT_NE(text.find("https://a,https://b,https://c"), std::string::npos) << text;
    EXPECT_NE(text.find("2027-04-14 08:01  2027-01-15 06:00\n"), std::string::npos) << text;
}

TEST(FormatOwned, ShowsRootWhereATokenMayBeUsed) {
    client::Dictionary token = some_token();
    token.set("user", "alice");
    EXPECT_EQ(format_owned({token}, kNow, {.width = 80}),
              "USER   ID          DESCRIPTION  STATE   TARGETS      EXPIRES\n"
              "alice  AbCdE01234  laptop       active  git.example  in 89 days\n");
}

TEST(FormatToken, ShowsEverything) {
    setenv("TZ", "UTC", 1);
    tzset();
    EXPECT_EQ(format_token(some_token(), {}, kNow),
              "ID           AbCdE01234\n"
              "Description  laptop\n"
              "Kind         issued, from user\n"
              "State        active\n"
              "Permissions  vcs:repository:ro\n"
              "Targets      https://git.example\n"
              "Released to  everywhere\n"
              "Username     alice\n"
              "Confirm      never\n"
              "Created      2027-01-12 08:00 (3 days ago)\n"
              "Expires      2027-04-14 08:01 (in 89 days)\n"
              "Generation   2\n"
              "Last used    2027-01-15 06:00 (2 hours ago), release by root\n"
              "             https://git.example/team\n"
              "Children     -\n");
}

TEST(FormatToken, NamesTheToolAsAuditDoes) {
    client::Dictionary token = some_token();
    token.set("last-used-where", std::string("exposed XyZ tool docker https://r.example"));
    const std::string text = format_token(token, {}, kNow);
    EXPECT_NE(text.find(", release by root, docker\n             exposed XyZ https://r.example\n"),
              std::string::npos)
        << text;
}

TEST(FormatToken, SaysNeverAndNothingWhereThereIsNone) {
    client::Dictionary token = some_token();
    token.set("expires", std::int64_t{0});
    token.set("last-used-at", std::int64_t{0});
    token.set("targets", std::vector<std::string>{});
    const std::string text = format_token(token, {}, kNow);
    EXPECT_NE(text.find("Expires      never\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Last used    never\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Targets      -\n"), std::string::npos) << text;
}

TEST(FormatToken, SaysWhereServersRefusedItAndWhatGitForgot) {
    client::Dictionary token = some_token();
    EXPECT_EQ(format_token(token, {}, kNow).find("Refused at"), std::string::npos);
    token.set("refused-places", std::vector<std::string>{"https://git.example/a"});
    EXPECT_NE(format_token(token, {}, kNow).find("Refused at   https://git.example/a\n"),
              std::string::npos);
    token.set("state", "rejected");
    EXPECT_EQ(format_tokens({token}, kNow, {}).find("forgotten"), std::string::npos);
    token.set("provenance", "git-store");
    EXPECT_NE(format_tokens({token}, kNow, {}).find("forgotten by git"), std::string::npos);
}

TEST(FormatTokens, ShowsNoControlBytes) {
    client::Dictionary token = some_token();
    token.set("description", "a\x1b[31mb");
    token.set("targets", std::vector<std::string>{"https://a\r"});
    const std::string text = format_tokens({token}, kNow, {}) + format_token(token, {}, kNow);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(FormatUser, GivesTheNameOrTheNumber) {
    EXPECT_EQ(format_user(0), "root");
    EXPECT_EQ(format_user(4000000000), "4000000000");
}

}  // namespace
}  // namespace patd::cli
