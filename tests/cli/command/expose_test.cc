// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/exposed_directory.h"
#include "tests/cli/support.h"
#include "tests/support/exposed_socket.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr char kOtherId[] = "ZyXwV98765";

class Expose : public testing::Test {
  protected:
    std::string directory() const { return std::filesystem::canonical(directory_.path()); }
    std::string path() const { return directory() + "/socket"; }
    client::Dictionary exposure(const std::string& id, const std::string& at) const {
        return dictionary({{"id", id},
                           {"path", at},
                           {"only", Texts{kSomeId, kOtherId}},
                           {"expires", kNow + 3660}});
    }
    bool has_socket() const { return std::filesystem::is_socket(path()); }
    void leave_dead_socket() const { (void)support::ScriptedLineServer::listen_at(path()); }

    support::TemporaryDirectory directory_;
};

TEST_F(Expose, PassesAListenerAndTheTerms) {
    Patctl patctl({.outcome = "AbC123"});
    const Ran ran = patctl.run({"expose", directory(), "--only", kSomeId, "--only", kOtherId});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.calls().back().member, "Expose");
    EXPECT_EQ(patctl.service.calls().back().options,
              dictionary({{"only", Texts{kSomeId, kOtherId}}, {"seconds", std::int64_t{3600}}}));
    EXPECT_NE(ran.out.find("AbC123"), std::string::npos);
    EXPECT_NE(ran.out.find(path()), std::string::npos);
    EXPECT_TRUE(has_socket());
    EXPECT_EQ(std::filesystem::status(path()).permissions(), std::filesystem::perms(0600));
}

TEST_F(Expose, TakesATimeAModeAndCommas) {
    Patctl patctl({.outcome = "AbC123"});
    const Ran ran =
        patctl.run({"expose", directory(), "--only", std::string(kSomeId) + "," + kOtherId, "--ttl",
                    "5m", "--mode", "0666", "--json"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.calls().back().options,
              dictionary({{"only", Texts{kSomeId, kOtherId}}, {"seconds", std::int64_t{300}}}));
    EXPECT_EQ(std::filesystem::status(path()).permissions(), std::filesystem::perms(0666));
    EXPECT_EQ(ran.out,
              "{\"expires\":\"2027-01-15T08:05:00Z\""
              ",\"id\":\"AbC123\",\"path\":\"" +
                  path() + "\"}\n");
}

client::Script through_gateway(const std::string& gateway = "http://127.0.0.1:9200") {
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    token.set("through-gateway", true);
    token.set("targets", Texts{"https://forge.example/team"});
    client::Dictionary other = token;
    other.set("id", kOtherId);
    other.set("targets", Texts{"https://other.example"});
    client::Script script{.tokens = {token, other}, .outcome = "AbC123"};
    if (!gateway.empty())
        script.status.set("gateway", gateway);
    return script;
}

TEST_F(Expose, TellsGitInThereItsWayThroughTheGateway) {
    const std::string file = directory() + "/gitconfig";
    std::ofstream(file) << kGitFileBegin << ", from the last time";
    Patctl patctl(through_gateway());
    const Ran ran = patctl.run({"expose", directory(), "--only", kSomeId});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("\n    GIT_CONFIG_GLOBAL=/run/patd/gitconfig\n"), std::string::npos)
        << ran.out;
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(),
              "# Of 'patctl expose': git's way to these places is the gateway.\n"
              "[url \"http://127.0.0.1:9200/forge.example/\"]\n"
              "\tinsteadOf = https://forge.example/\n"
              "[credential \"http://127.0.0.1:9200\"]\n"
              "\tuseHttpPath = true\n\thelper =\n\thelper = pat\n");
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0644));
    Patctl cut({.exposures = {exposure("AbC123", path())}});
    EXPECT_EQ(cut.run({"expose", "--cut", directory()}).code, ExitCode::Success);
    EXPECT_FALSE(std::filesystem::exists(file));
    const Ran json =
        Patctl(through_gateway()).run({"expose", directory(), "--only", kSomeId, "--json"});
    EXPECT_NE(json.out.find("\"gateway\":\"http://127.0.0.1:9200\",\"git_config\":\"" + file),
              std::string::npos)
        << json.out;
}

TEST_F(Expose, NeitherReplacesNorRemovesAGitConfigOfTheUsers) {
    const std::string file = directory() + "/gitconfig";
    std::ofstream(file) << "[user]\n\tname = alice\n";
    Patctl patctl(through_gateway());
    const Ran ran = patctl.run({"expose", directory(), "--only", kSomeId});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_EQ(ran.err, "patctl: " + file +
                           ": 'patctl expose' did not write it, and leaves it; move it away, or "
                           "use another directory\n");
    EXPECT_EQ(patctl.service.members().back(), "Status");
    EXPECT_FALSE(has_socket());
    leave_dead_socket();
    Patctl cut({.exposures = {exposure("AbC123", path())}});
    EXPECT_EQ(cut.run({"expose", "--cut", directory()}).code, ExitCode::Success);
    EXPECT_FALSE(has_socket());
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(), "[user]\n\tname = alice\n");
}

TEST_F(Expose, SaysThatNobodyGetsWhatGoesThroughAGatewayThatIsNotThere) {
    Patctl patctl(through_gateway(""));
    const Ran ran = patctl.run({"expose", directory(), "--only", kSomeId});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("patd-gateway(5)"), std::string::npos) << ran.out;
    EXPECT_FALSE(std::filesystem::exists(directory() + "/gitconfig"));
}

TEST_F(Expose, LeavesNoSocketWhenTheServiceRefuses) {
    Patctl patctl({.errors = {{"Expose", "org.patd.Tokens1.Error.NotFound"}}});
    EXPECT_EQ(patctl.run({"expose", directory(), "--only", kSomeId}).code, ExitCode::NotFound);
    EXPECT_FALSE(has_socket());
    client::Script script = through_gateway();
    script.errors = {{"Expose", "org.patd.Tokens1.Error.NotFound"}};
    EXPECT_EQ(Patctl(script).run({"expose", directory(), "--only", kSomeId}).code,
              ExitCode::NotFound);
    EXPECT_TRUE(std::filesystem::is_empty(directory()));
}

TEST_F(Expose, NamesHowLongItMayLast) {
    EXPECT_EQ(Patctl().run({"expose", directory(), "--only", kSomeId, "--ttl", "2d"}).err,
              "patctl: --ttl 2d: at most 1d\n");
    Patctl less({.errors = {{"Expose", "org.patd.Tokens1.Error.InvalidExpiry"}},
                 .status = dictionary({{"expose-max", std::int64_t{3600}}})});
    EXPECT_EQ(less.run({"expose", directory(), "--only", kSomeId, "--ttl", "2h"}).err,
              "patctl: --ttl 2h: this machine allows at most 1h (ExposeMax= of patd.conf(5))\n");
    EXPECT_FALSE(has_socket());
}

TEST_F(Expose, RefusesWhatCannotBeBeforeAnythingIsMade) {
    for (const Texts& arguments : {Texts{"expose", directory()},
                                   {"expose", "--only", kSomeId},
                                   {"expose", directory(), "--ttl", "5m"},
                                   {"expose", directory(), "--only", kSomeId, "--ttl", "never"},
                                   {"expose", directory(), "--only", kSomeId, "--mode", "0777"},
                                   {"expose", directory(), "--only", kSomeId, "--cut"},
                                   {"expose", directory() + "/none", "--only", kSomeId}}) {
        Patctl patctl;
        EXPECT_EQ(patctl.run(arguments).code, ExitCode::Usage) << arguments.back();
        EXPECT_TRUE(patctl.service.calls().empty());
    }
    Patctl patctl;
    EXPECT_EQ(patctl.run({"expose", directory(), "--only", "x"}).code, ExitCode::NotFound);
    patctl.reachable = false;
    EXPECT_EQ(patctl.run({"expose", directory(), "--only", kSomeId}).code, ExitCode::Unreachable);
    EXPECT_FALSE(has_socket());
}

TEST_F(Expose, ListsWhatIsExposed) {
    Patctl patctl({.exposures = {exposure("AbC123", path())}});
    EXPECT_EQ(patctl.run({"expose"}).out, "EXPOSURE  SOCKET" + std::string(path().size() - 4, ' ') +
                                              "TOKENS                 ENDS\nAbC123    " + path() +
                                              "  AbCdE01234 ZyXwV98765  in 1 hour\n");
    EXPECT_EQ(Patctl().run({"expose"}).out, "You have no exposures.\n");
    EXPECT_EQ(Patctl().run({"expose", "--json"}).out, "[]\n");
    Patctl json({.exposures = {exposure("AbC123", "/x/socket")}});
    EXPECT_NE(json.run({"expose", "--json"}).out.find("\"only\":[\"AbCdE01234\""),
              std::string::npos);
}

TEST_F(Expose, CutsByDirectoryOrIdAndRemovesTheSocket) {
    for (const std::string& place : {directory(), std::string("AbC123")}) {
        leave_dead_socket();
        Patctl patctl(
            {.exposures = {exposure("Other1", "/nonexistent/socket"), exposure("AbC123", path())}});
        const Ran ran = patctl.run({"expose", "--cut", place});
        EXPECT_EQ(ran.out, "1 exposure ended.\n") << ran.err;
        EXPECT_EQ(patctl.service.members(), (Texts{"ListExposures", "Cut"}));
        EXPECT_EQ(patctl.service.calls().back().texts, Texts{"AbC123"});
        EXPECT_FALSE(has_socket());
    }
}

TEST_F(Expose, CutsAllWithoutAPlace) {
    Patctl patctl(
        {.exposures = {exposure("Other1", "/nonexistent/socket"), exposure("AbC123", path())}});
    EXPECT_EQ(patctl.run({"expose", "--cut", "--json"}).out, "{\"cut\":[\"Other1\",\"AbC123\"]}\n");
    EXPECT_EQ(Patctl().run({"expose", "--cut"}).out, "You have no exposures.\n");
}

TEST_F(Expose, RemovesTheSocketOfAnExposureThatEndedByItself) {
    EXPECT_EQ(Patctl().run({"expose", "--cut", directory()}).code, ExitCode::NotFound);
    EXPECT_EQ(Patctl().run({"expose", "--cut", "AbC123"}).code, ExitCode::NotFound);
    leave_dead_socket();
    EXPECT_EQ(Patctl().run({"expose", "--cut", directory()}).code, ExitCode::Success);
    EXPECT_FALSE(has_socket());
}

TEST_F(Expose, CompletionsKnowTokensAndExposures) {
    Patctl tokens({.tokens = {some_token()}});
    EXPECT_EQ(tokens.run({"__complete", "expose", "dir", "--only", ""}).out,
              std::string(kSomeId) + "\tlaptop\n");
    Patctl exposures({.exposures = {exposure("AbC123", path())}});
    EXPECT_EQ(exposures.run({"__complete", "expose", "--cut", ""}).out,
              "AbC123\t" + path() + "\n:files\n");
}

}  // namespace
}  // namespace patd::cli
