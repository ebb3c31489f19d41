// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/explanation.h"

#include "common/base/limits.h"
#include "tests/support/bus_fixture.h"

namespace patd {
namespace {

using support::dict;
using support::kAlice;
using support::kAliceBus;
using support::kBob;
using support::patd_error;
using support::Reply;

using Names = std::vector<std::string>;

// manager_bus_test.cc has the judged tokens; this one has the near misses and the URL.
class ExplanationTest : public support::BusFixture {
  protected:
    Reply explain(const std::string& url, const bus::Dict& options = {}) {
        return manager(kAliceBus, "Explain", [&](sd_bus_message* message) {
            sd_bus_message_append(message, "s", url.c_str());
            options.append_to(message).value();
        });
    }
    // The outcome, then each row's target, user name and verdict.
    Names rows(const std::string& url, const bus::Dict& options = {}) {
        const Reply reply = explain(url, options);
        Names found{reply.string()};
        sd_bus_message* message = reply.message.get();
        support::must(sd_bus_message_enter_container(message, 'a', "a{sv}"), "enter");
        while (sd_bus_message_at_end(message, 0) == 0) {
            bus::Dict row = support::read_dict(reply);
            const auto text = [&](const char* key) {
                return row.take<std::string>(key).value().value_or("(none)");
            };
            found.push_back(text("target") + " " + text("username") + " " + text("verdict"));
        }
        return found;
    }
};

TEST_F(ExplanationTest, ShowsWhatComesNearAndWhyItLost) {
    (void)import(kAlice, "1", {.targets = {"https://git.example/team/tool"}, .username = "me"});
    (void)import(kAlice, "2", {.targets = {"https://git.example:8443"}, .username = "me"});
    (void)import(kAlice, "3", {.targets = {"http://git.example"}, .username = "you"});
    (void)import(kAlice, "4", {.targets = {"https://other.example"}, .username = "me"});
    (void)import(kBob, "5", {.targets = {"https://git.example"}, .username = "me"});
    EXPECT_EQ(
        rows("https://git.example/team/tool-x"),
        (Names{"none", "https://git.example/team/tool me other-path",
               "https://git.example:8443 me other-port", "http://git.example you other-protocol"}));
    EXPECT_EQ(
        rows("https://git.example/team/tool", dict({{"username", "you"}})),
        (Names{"none", "https://git.example/team/tool me other-user",
               "https://git.example:8443 me other-port", "http://git.example you other-protocol"}));
    EXPECT_EQ(rows("https://elsewhere.example"), Names{"none"});
    // If something is released, nothing else matters.
    EXPECT_EQ(rows("https://git.example/team/tool.git/info/lfs"),
              (Names{"released", "https://git.example/team/tool me released"}));
}

TEST_F(ExplanationTest, TakesEverySpellingAndTheUserNameOfTheUrl) {
    (void)import(kAlice, "1", {.targets = {"https://git.example/My%20Team"}, .username = "me"});
    const Names released{"released", "https://git.example/My%20Team me released"};
    for (const char* url :
         {"https://git.example/My%20Team/x.git", "https://me@GIT.example:443/My Team/",
          "HTTPS://git.example/M%79%20Team"})
        EXPECT_EQ(rows(url), released) << url;
    EXPECT_EQ(rows("https://me@git.example/My%20Team", dict({{"username", "me"}})), released);
    EXPECT_EQ(rows("https://you@git.example/My%20Team"),
              (Names{"none", "https://git.example/My%20Team me other-user"}));
    EXPECT_EQ(explain("https://me@git.example", dict({{"username", "you"}})).error,
              patd_error(Errc::InvalidUsername));
    for (const char* url : {"git@git.example:x", "https://me:x@git.example", "ftp://git.example",
                            "https://git.example./x", "https://git.example/a%01"})
        EXPECT_EQ(explain(url).error, patd_error(Errc::InvalidTarget)) << url;
}

// What git gets for such a remote: tests/credential_helper/explained_places_test.cc.
TEST_F(ExplanationTest, GivesAPathThatNoTargetCanHoldATokenForTheWholeHost) {
    (void)import(kAlice, "1", {.targets = {"https://git.example/a"}, .username = "me"});
    for (const char* url : {"https://git.example/a/../b", "https://git.example/a//b"})
        EXPECT_EQ(rows(url), (Names{"none", "https://git.example/a me other-path"})) << url;
    EXPECT_EQ(rows("https://git.example/a%2Fb"),
              (Names{"released", "https://git.example/a me released"}));
    (void)import(kAlice, "2", {.targets = {"https://git.example"}, .username = "you"});
    EXPECT_EQ(rows("https://git.example/a//b"),
              (Names{"released", "https://git.example you released"}));
}

// As pat-aws and the others get them: tests/daemon/line/line_verbs_test.cc.
TEST_F(ExplanationTest, GivesASecretOfSeveralPartsToItsOwnToolAlone) {
    Token token =
        support::make_token(kAlice, TokenKind::Imported,
                            {.targets = {"aws://prod", "https://s3.example"}, .username = "AKIA1"});
    token.secret_kind = SecretKind::Aws;
    token.expires = support::kNow + 3600;
    store_->insert(token, support::secret_of("key\tsession")).value();
    const auto outcome = [&](const char* url, const char* tool) {
        return rows(url, *tool == '\0' ? bus::Dict() : dict({{"tool", tool}})).front();
    };
    for (const char* url : {"aws://prod", "https://s3.example"}) {
        EXPECT_EQ(outcome(url, "aws"), "released") << url;
        for (const char* other : {"get", "docker"})
            EXPECT_EQ(outcome(url, other), "SeveralParts") << url;
    }
    EXPECT_EQ(outcome("https://s3.example", ""), "SeveralParts");
    EXPECT_EQ(outcome("aws://prod", ""), "released");
}

TEST_F(ExplanationTest, SaysWhereATokenOfTheGatewayIsReleased) {
    Token token = support::make_token(
        kAlice, TokenKind::Imported, {.targets = {"https://forge.example/team"}, .username = "al"});
    token.through_gateway = true;
    store_->insert(token, support::secret_of("ghp_elsewhere")).value();
    const char* at_gateway = "http://127.0.0.1:9200/forge.example/team/repo.git";
    EXPECT_EQ(rows("https://forge.example/team/repo.git"),
              (Names{"ThroughGateway", "https://forge.example/team al ThroughGateway"}));
    EXPECT_EQ(rows(at_gateway), Names{"none"});
    state_.settings.gateway_origin = Origin::parse("http://127.0.0.1:9200").value();
    EXPECT_EQ(rows("https://forge.example/team/repo.git"),
              (Names{"ThroughGateway", "https://forge.example/team al ThroughGateway"}));
    EXPECT_EQ(rows(at_gateway), (Names{"released", "https://forge.example/team al released"}));
    EXPECT_EQ(rows("http://127.0.0.1:9200/forge.example/other"),
              (Names{"none", "https://forge.example/team al other-path"}));
    EXPECT_EQ(explain("http://127.0.0.1:9200").error, patd_error(Errc::ThroughGateway));
}

// Row D1: however many there are, in steps, and with a limit on rows.
TEST_F(ExplanationTest, HasSoManyRowsAtMost) {
    for (std::size_t i = 0; i < 3 * limits::kNearMisses; ++i)
        (void)import(kAlice, std::to_string(i), {.targets = {"http://git.example"}});
    (void)import(kAlice, "near", {.targets = {"https://git.example/x"}, .username = "me"});
    const Names found = rows("https://git.example");
    EXPECT_EQ(found.size(), 1 + limits::kNearMisses);
    EXPECT_EQ(found[1], "https://git.example/x me other-path");
    const store::ReadCounts counts = store_->read_counts().value();
    EXPECT_LE(counts.records_in_one_step, limits::kRecordsPerStep);
}

}  // namespace
}  // namespace patd
