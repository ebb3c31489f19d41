// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/git_home.h"
#include "tests/cli/support.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace patd::cli {
namespace {

TEST(Explain, ShowsTheCandidatesAndTheirVerdicts) {
    Patctl patctl({.candidates = {dictionary({{"id", kSomeId},
                                              {"description", "laptop"},
                                              {"target", "https://git.example"},
                                              {"username", "me"},
                                              {"verdict", "released"}})},
                   .outcome = "released"});
    const Ran ran = patctl.run({"explain", "https://git.example/team"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_EQ(ran.out,
              "A request for this URL gets a token.\n"
              "ID          DESCRIPTION  TARGET               USERNAME  VERDICT\n"
              "AbCdE01234  laptop       https://git.example  me        released\n");
}

TEST(Explain, NamesTheReasonAndTheFix) {
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "https://git.example"}).out,
              "None of your tokens fits this URL; see 'patctl list'.\n");
    EXPECT_EQ(
        Patctl({.outcome = "Locked"}).run({"explain", "https://git.example"}).out,
        "A request for this URL gets no token: " + std::string(errc_message(Errc::Locked)) + "\n");
}

TEST(Explain, NamesTheTokenInTheFix) {
    const Ran ran = Patctl({.candidates = {dictionary({{"id", kSomeId},
                                                       {"description", "deploy"},
                                                       {"target", "https://prod.example"},
                                                       {"verdict", "ConfirmRequired"}})},
                            .outcome = "ConfirmRequired"})
                        .run({"explain", "https://prod.example"});
    EXPECT_TRUE(
        ran.out.starts_with("A request for this URL gets no token: token AbCdE01234 'deploy' waits "
                            "for you to open it: patctl unlock AbCdE01234\n"))
        << ran.out;
    EXPECT_NE(ran.out.find("confirm-required"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.code, ExitCode::NotFound);
}

class ExplainGateway : public GitConfigTest {
  protected:
    static client::Script script() {
        return {.candidates = {dictionary({{"id", kSomeId},
                                           {"description", "work"},
                                           {"target", "https://forge.example/team"},
                                           {"verdict", "ThroughGateway"}})},
                .outcome = "ThroughGateway",
                .status = dictionary({{"gateway", "http://127.0.0.1:9200"}})};
    }
};

TEST_F(ExplainGateway, NamesWhatGitAsksForInPlaceOfTheForge) {
    const Ran before = Patctl(script()).run({"explain", "https://forge.example/team/x"});
    EXPECT_EQ(before.err.find("asks the gateway"), std::string::npos) << before.err;
    write(".gitconfig",
          "[url \"http://127.0.0.1:9200/forge.example/\"]\n\tinsteadOf = https://forge.example/\n");
    const Ran ran = Patctl(script()).run({"explain", "https://forge.example/team/x"});
    EXPECT_NE(ran.err.find("note: git, run here, asks the gateway instead; what it gets there:\n"
                           "    patctl explain 'http://127.0.0.1:9200/forge.example/team/x'\n"),
              std::string::npos)
        << ran.err;
    EXPECT_EQ(ran.err.find("rewrites"), std::string::npos) << ran.err;
}

TEST_F(ExplainGateway, SaysWhatTheGatewayAloneIs) {
    client::Script refused = script();
    refused.errors = {{"Explain", "org.patd.Tokens1.Error.ThroughGateway"}};
    EXPECT_EQ(Patctl(refused).run({"explain", "http://127.0.0.1:9200"}).err,
              "patctl: http://127.0.0.1:9200: this is the gateway; name a place behind it, as in "
              "GATEWAY/forge.example/team\n");
}

// Inside explain nothing sends people to explain, and no command has a placeholder.
TEST(Explain, NamesWhatOnlyOneTokenGivesAsTheReason) {
    const auto said = [](const char* outcome, const char* verdict) {
        client::Dictionary row = dictionary({{"id", kSomeId},
                                             {"description", "deploy"},
                                             {"target", "https://prod.example"},
                                             {"username", "bot"},
                                             {"verdict", verdict}});
        client::Dictionary other = row;
        other.set("id", "ZyXwV98765");
        other.set("username", "me");
        return Patctl({.candidates = {row, other}, .outcome = outcome})
            .run({"explain", "https://prod.example/x"})
            .out;
    };
    const std::string expired = said("Expired", "Expired");
    EXPECT_NE(expired.find("token AbCdE01234 'deploy' has expired; run 'patctl edit AbCdE01234 "
                           "--expires 90d' or 'patctl regenerate AbCdE01234'.\n"),
              std::string::npos)
        << expired;
    const std::string tie = said("Ambiguous", "tied");
    EXPECT_NE(tie.find("these fit equally well: AbCdE01234 as bot, ZyXwV98765 as me; choose one "
                       "with https://me@prod.example/... or git's credential.URL.username.\n"),
              std::string::npos)
        << tie;
    const std::string rejected = said("Rejected", "Rejected");
    EXPECT_NE(rejected.find("https://prod.example refused token AbCdE01234 'deploy': it has "
                            "expired or was revoked there; give it its new secret with 'patctl "
                            "regenerate AbCdE01234'"),
              std::string::npos)
        << rejected;
}

TEST(Explain, DoesNotSayOfATokenForTheUrlThatItDoesNotFitIt) {
    Patctl patctl({.candidates = {dictionary({{"id", kSomeId},
                                              {"description", "laptop"},
                                              {"target", "https://git.example"},
                                              {"username", "me"},
                                              {"verdict", "lacks-permission"},
                                              {"only-units", std::vector<std::string>{"a.service"}},
                                              {"unit", "b.service"}})},
                   .outcome = "none"});
    const Ran ran = patctl.run({"explain", "https://git.example", "-p", "vcs:merge:rw"});
    EXPECT_TRUE(
        ran.out.starts_with("Release rules were checked for a process of b.service.\n"
                            "None of your tokens gets this request; these come close:\n"
                            "ID "))
        << ran.out;
}

TEST(Explain, TellsRootHowToAskForAnother) {
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"https://git.example/team"});
    const client::Script script{
        .tokens = {token},
        .owners = {dictionary({{"uid", std::uint32_t{34}}, {"user", "backup"}})},
        .outcome = "none"};
    const Ran ran =
        Patctl(script).run({"explain", "https://git.example", "--unit", "backup.service"});
    // Nobody has a token for that host.
    EXPECT_EQ(Patctl(script).run({"explain", "https://other.example"}).err.find("--user"),
              std::string::npos);
    const bool is_told =
        ran.err.find(
            "for those of another account, run:\n    patctl explain "
            "'https://git.example' --user 'backup' --unit 'backup.service'\n") != std::string::npos;
    EXPECT_EQ(is_told, geteuid() == 0) << ran.err;
}

TEST(Explain, AnswersForAnotherToRootAlone) {
    const auto said = [](std::vector<std::string> more) {
        more.insert(more.begin(), {"explain", "https://git.example"});
        return Patctl({.outcome = "none"}).run(more);
    };
    const Ran own = said({"--user", "backup", "--session"});
    EXPECT_EQ(own.code, ExitCode::Usage);
    if (geteuid() == 0) {
        EXPECT_EQ(said({"--user", "nobody-at-all"}).err,
                  "patctl: there is no account nobody-at-all\n");
        // Root is not told to be root.
        const auto run_refused = [] {
            Patctl patctl({.errors = {{"Explain", "org.patd.Tokens1.Error.AccessDenied"}}});
            return patctl.run({"explain", "https://git.example", "--user", "nobody"});
        };
        const auto refused = [&] {
            const Ran ran = run_refused();
            _exit(ran.code != ExitCode::Success && ran.err.find("sudo") == std::string::npos ? 0
                                                                                             : 1);
        };
        EXPECT_EXIT(refused(), ::testing::ExitedWithCode(0), "");
        return;
    }
    EXPECT_EQ(said({"--user", "root"}).err,
              "patctl: explain --user is for root: sudo patctl explain https://git.example --user "
              "root\n");
}

TEST(Explain, GivesJson) {
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "https://a", "--json"}).out,
              "{\"candidates\":[],\"outcome\":\"none\"}\n");
}

TEST(Explain, ShowsWhatComesNearAndWhyItDoesNotFit) {
    Patctl patctl({.candidates = {dictionary({{"id", kSomeId},
                                              {"description", "laptop"},
                                              {"target", "https://git.example/team"},
                                              {"username", "bob"},
                                              {"verdict", "other-path"}})},
                   .outcome = "none"});
    EXPECT_EQ(patctl.run({"explain", "https://alice@GIT.example/x"}).out,
              "None of your tokens fits this URL; these come close:\n"
              "ID          DESCRIPTION  TARGET                    USERNAME  VERDICT\n"
              "AbCdE01234  laptop       https://git.example/team  bob       other-path\n");
}

TEST(Explain, RefusesWhatIsNoUrlAndNamesThePartAndTheFix) {
    struct {
        const char* url;
        const char* why;
    } const rows[] = {
        {"git.example", "git.example: begin with https://; did you mean https://git.example?"},
        {"git@git.example:x", "ssh uses keys, not tokens; did you mean https://git.example/x?"},
        {"https://me:hunter2@git.example/x", "user: there is a password"},
        {"https://b\xc3\xbc.example", "host: write letters outside ASCII in the host's xn-- form"},
        {"https://git.example:x", "port: write a number"},
        {"https://git.example/x%0a", "path: leave out control characters"},
    };
    for (const auto& row : rows) {
        Patctl patctl;
        const Ran ran = patctl.run({"explain", row.url});
        EXPECT_EQ(ran.code, ExitCode::Usage) << row.url;
        EXPECT_NE(ran.err.find(row.why), std::string::npos) << ran.err;
        EXPECT_EQ(ran.err.find("hunter2"), std::string::npos);
        EXPECT_TRUE(patctl.service.calls().empty());
    }
    Patctl patctl;
    EXPECT_EQ(patctl.run({"explain", "https://alice@git.example", "-u", "bob"}).code,
              ExitCode::Usage);
}

TEST(Explain, SaysWhyNoTokenWithAPathCanFit) {
    Patctl patctl({.outcome = "none"});
    EXPECT_EQ(patctl.run({"explain", "https://git.example/a//b"}).out,
              "None of your tokens fits this URL; see 'patctl list'.\n"
              "Only a token for the whole host can fit this URL, because of its path: write one "
              "slash between two names, and one at the end at most.\n");
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "https://git.example/a%2Fb?c"}).out,
              "None of your tokens fits this URL; see 'patctl list'.\n");
}

TEST(Explain, TakesBytesThatNoBusTakes) {
    Patctl patctl({.outcome = "none"});
    EXPECT_EQ(patctl.run({"explain", "https://git.example/b\xfc"}).code, ExitCode::NotFound);
    EXPECT_EQ(patctl.service.calls().front().member, "Explain");
}

TEST(Explain, AsksForAnotherUnitPermissionAndAccount) {
    Patctl patctl({.outcome = "none"});
    EXPECT_EQ(patctl
                  .run({"explain", "https://git.example", "--unit", "backup.service", "-p",
                        "vcs:repository:ro,ci:build:ro", "--username", "bot"})
                  .code,
              ExitCode::NotFound);
    EXPECT_EQ(
        patctl.service.calls().front().options,
        dictionary({{"unit", "backup.service"},
                    {"permissions", std::vector<std::string>{"vcs:repository:ro", "ci:build:ro"}},
                    {"username", "bot"}}));
    for (const std::vector<std::string>& bad :
         {std::vector<std::string>{"--unit", "backup"}, {"--unit", "a.timer"}, {"-p", "VCS"}}) {
        Patctl other;
        std::vector<std::string> arguments{"explain", "https://git.example"};
        arguments.insert(arguments.end(), bad.begin(), bad.end());
        EXPECT_EQ(other.run(arguments).code, ExitCode::Usage) << bad[1];
        EXPECT_TRUE(other.service.calls().empty());
    }
}

TEST(Explain, NamesTheRulesThatWereLookedAtAndForWhom) {
    client::Dictionary ruled =
        dictionary({{"id", kSomeId},
                    {"description", "backup"},
                    {"target", "https://git.example"},
                    {"username", "me"},
                    {"verdict", "RuleDenied"},
                    {"only-units", std::vector<std::string>{"backup.service"}},
                    {"unit", "user@1000.service"}});
    EXPECT_EQ(
        Patctl({.candidates = {ruled}, .outcome = "RuleDenied"})
            .run({"explain", "https://git.example"})
            .out,
        "A request for this URL gets no token: token AbCdE01234 'backup' is only for "
        "backup.service.\n"
        "Release rules were checked for a process of user@1000.service.\n"
        "ID          DESCRIPTION  TARGET               USERNAME  VERDICT      ONLY FOR\n"
        "AbCdE01234  backup       https://git.example  me        rule-denied  backup.service\n");
    ruled.set("unit", "");
    EXPECT_NE(Patctl({.candidates = {ruled}, .outcome = "RuleDenied"})
                  .run({"explain", "https://git.example"})
                  .out.find("of no known system unit"),
              std::string::npos);
}

// podman, terraform and go show nothing of it.
TEST(Explain, SaysWhatAToolWouldGetAndWhatItMakesOfARefusal) {
    Patctl podman({.outcome = "Locked"});
    const Ran refused = podman.run({"explain", "--tool", "podman", "registry.example"});
    EXPECT_EQ(refused.out,
              "A request for this URL gets no token: " + std::string(errc_message(Errc::Locked)) +
                  "\npodman then stops, and shows the reason.\n");
    EXPECT_EQ(refused.err, "");  // nothing of git
    const client::Call call = podman.service.call_of("Explain");
    EXPECT_EQ(call.texts.front(), "https://registry.example");
    EXPECT_EQ(call.options, dictionary({{"tool", "docker"}}));
    EXPECT_EQ(Patctl({.outcome = "none"}).run({"explain", "--tool", "terraform", "tf.example"}).out,
              "None of your tokens fits this URL; see 'patctl list'.\n"
              "terraform then goes on without a token.\n");
    EXPECT_EQ(Patctl({.outcome = "released"}).run({"explain", "--tool", "aws", "prod"}).out,
              "A request for this URL gets a token.\n");
}

// pat-tools(7): `kube://` and then `https://`.
TEST(Explain, AsksForKubectlAboutTheClusterAndThenAboutItsHost) {
    const auto asked = [](const Patctl& patctl) {
        std::vector<std::string> urls;
        for (const client::Call& call : patctl.service.calls()) {
            if (call.member == "Explain")
                urls.push_back(call.texts.front());
        }
        return urls;
    };
    using Urls = std::vector<std::string>;
    Patctl cluster({.outcome = "none", .explanations = {{"released", {}}}});
    const Ran own = cluster.run({"explain", "--tool", "kubectl", "k.example:6443"});
    EXPECT_EQ(own.out, "A request for this URL gets a token.\n");
    EXPECT_EQ(own.code, ExitCode::Success);
    EXPECT_EQ(asked(cluster), Urls{"kube://k.example:6443"});
    Patctl host({.outcome = "released", .explanations = {{"none", {}}}});
    EXPECT_EQ(host.run({"explain", "--tool", "kubectl", "https://k.example:6443"}).code,
              ExitCode::Success);
    EXPECT_EQ(asked(host), (Urls{"kube://k.example:6443", "https://k.example:6443"}));
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"kube://k.example:6443"});
    EXPECT_EQ(Patctl({.tokens = {token}, .outcome = "released"})
                  .run({"explain", "--tool", "kubectl"})
                  .out,
              "kube://k.example:6443: a token\n");
}

TEST(Explain, GoesThroughAllPlacesOfAToolWithoutAUrl) {
    client::Dictionary token = some_token();
    token.set("targets", std::vector<std::string>{"bearer+https://b.example", "https://a.example",
                                                  "aws://prod"});
    client::Script script{.tokens = {token}, .outcome = "Locked"};
    const Ran all = Patctl(script).run({"explain", "--tool", "docker"});
    const std::string locked(errc_message(Errc::Locked));
    EXPECT_EQ(all.out, "https://a.example: " + locked + "\nhttps://b.example: " + locked + "\n");
    EXPECT_EQ(all.code, ExitCode::NotFound);
    EXPECT_EQ(Patctl(script).run({"explain", "--tool", "aws"}).out, "aws://prod: " + locked + "\n");
    EXPECT_EQ(Patctl(script).run({"explain", "--tool", "ansible"}).out,
              "You have no token for a place that ansible could ask about; see 'patctl list'.\n");
    EXPECT_EQ(Patctl().run({"explain"}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"explain", "--tool", "emacs", "a.example"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
