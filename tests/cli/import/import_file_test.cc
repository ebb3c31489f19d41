// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_file.h"

#include "tests/cli/git_home.h"
#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

constexpr char kFile[] = "https://alice:ghp_1@github.com\nhttps://bob:gl%402@gitlab.example/team\n";

client::Script kept(const Texts& ids = {kSomeId, "BcDeF12345"}) {
    return {.prompts = {{"token-secret", "Tokens: "}, {"secret", "Password: "}},
            .result = dictionary({{"ids", ids}, {"acknowledge", false}}),
            .status = dictionary({{"tokens-max", std::uint32_t{1000}}})};
}

class ImportFile : public GitHome {
  protected:
    explicit ImportFile() { write(kFile); }
    void write(const std::string& content) { std::ofstream(file_) << content; }
    Ran import(Patctl& patctl, const Texts& more = {}) {
        const Scratch password("swordfish\n");
        Texts arguments = {"import", "--from", file_, "--password-fd",
                           std::to_string(password.fd())};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return patctl.run(arguments);
    }
    static client::Call call_of(const Patctl& patctl) {
        for (const client::Call& call : patctl.service.calls()) {
            if (call.member == "ImportMany")
                return call;
        }
        return {};
    }

    support::TemporaryDirectory directory_;
    std::string file_ = directory_.file(".git-credentials");
};

TEST_F(ImportFile, KeepsAllOfItWithOnePassword) {
    Patctl patctl(kept());
    const Ran ran = import(patctl);
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers(), (Texts{"ghp_1\ngl@2\n", "swordfish"}));
    const std::vector<client::Dictionary> sent = call_of(patctl).many;
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0], dictionary({{"description", "github.com, from .git-credentials"},
                                   {"targets", Texts{"https://github.com"}},
                                   {"username", "alice"}}));
    EXPECT_EQ(sent[1], dictionary({{"description", "gitlab.example/team, from .git-credentials"},
                                   {"targets", Texts{"https://gitlab.example/team"}},
                                   {"username", "bob"}}));
    for (const char* shown :
         {"AbCdE01234", "BcDeF12345", "https://gitlab.example/team", "bob", "2 tokens imported.",
          "still holds these secrets in plain text", "patctl setup git", "rm -- '"})
        EXPECT_NE(ran.out.find(shown), std::string::npos) << shown << "\n" << ran.out;
    EXPECT_NE(ran.err.find("useHttpPath"), std::string::npos);
    EXPECT_EQ((ran.out + ran.err).find("ghp_1"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(file_));
}

client::Script kept_through_gateway() {
    client::Script script = kept();
    script.status.set("gateway", "http://127.0.0.1:9200");
    return script;
}

TEST_F(ImportFile, AllOfItCanGoThroughTheGateway) {
    Patctl patctl(kept_through_gateway());
    const Ran ran = import(patctl, {"--through-gateway", "-p", "vcs:repository:ro"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    const std::vector<client::Dictionary> sent = call_of(patctl).many;
    ASSERT_EQ(sent.size(), 2U);
    for (const client::Dictionary& token : sent) {
        EXPECT_TRUE(token.flag("through-gateway"));
        EXPECT_EQ(token.texts("permissions"), Texts{"vcs:repository:ro"});
    }
    EXPECT_NE(ran.out.find("\n    patctl setup gateway\n"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.err.find("useHttpPath"), std::string::npos) << "setup gateway sees to it";
}

TEST_F(ImportFile, OnlyWhatCanGoThroughTheGatewayDoes) {
    const Texts options = {"--through-gateway", "-p", "vcs:repository:ro"};
    write("https://al:ghp_1@github.com\nhttp://al:ghp_2@localhost\n");
    Patctl patctl(kept_through_gateway());
    const Ran refused = import(patctl, options);
    EXPECT_EQ(refused.code, ExitCode::Usage);
    EXPECT_NE(refused.err.find("line 2: only https places are reached through the gateway"),
              std::string::npos)
        << refused.err;
    EXPECT_EQ(call_of(patctl).member, "");
    write("[p]\naws_access_key_id = AKIA1\naws_secret_access_key = k\naws_session_token = s\n");
    Texts aws = options;
    aws.insert(aws.end(), {"--format", "aws"});
    EXPECT_NE(import(patctl, aws).err.find("a key of several parts cannot go through"),
              std::string::npos);
}

TEST_F(ImportFile, NeedsAGatewayAndPermissionsToGoThroughIt) {
    Patctl patctl(kept());
    EXPECT_EQ(import(patctl, {"--through-gateway"}).code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.calls().empty());
    const Ran ran = import(patctl, {"--through-gateway", "-p", "vcs:repository:ro", "--dry-run"});
    EXPECT_NE(ran.code, ExitCode::Success);
    EXPECT_NE(ran.err.find("GatewayOrigin="), std::string::npos) << ran.err;
    EXPECT_EQ(call_of(patctl).member, "");
}

TEST_F(ImportFile, SaysWhatIsKeptAlreadyAndStaysReleased) {
    client::Script script = kept_through_gateway();
    client::Dictionary token = some_token();
    token.set("kind", "imported");
    token.set("targets", Texts{"https://github.com"});
    token.set("username", "alice");
    script.tokens = {token};
    script.result = dictionary({{"ids", Texts{"BcDeF12345"}}, {"acknowledge", false}});
    Patctl patctl(script);
    const Ran ran = import(patctl, {"--through-gateway", "-p", "vcs:repository:ro"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.err.find("\n    patctl edit AbCdE01234 --through-gateway on"), std::string::npos)
        << ran.err;
}

TEST_F(ImportFile, OptionsHoldForAllOfIt) {
    Patctl patctl(kept());
    const Ran ran = import(patctl, {"work", "-p", "vcs:repository:ro", "-e", "90d", "--confirm"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    for (const client::Dictionary& sent : call_of(patctl).many) {
        EXPECT_EQ(sent.text("description"), "work");
        EXPECT_EQ(sent.texts("permissions"), Texts{"vcs:repository:ro"});
        EXPECT_EQ(sent.time("expires"), kNow + 90 * 24 * 3600);
        EXPECT_EQ(sent.text("confirm"), "always");
    }
}

TEST_F(ImportFile, JsonHoldsWhatWasKept) {
    Patctl patctl(kept());
    const Ran ran = import(patctl, {"--json"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    const nlohmann::json all = nlohmann::json::parse(ran.out);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1]["id"], "BcDeF12345");
    EXPECT_EQ(all[1]["line"], 2);
    EXPECT_EQ(all[1]["username"], "bob");
    EXPECT_EQ(ran.err, "");
}

TEST_F(ImportFile, ADryRunShowsItAndAsksForNothing) {
    Patctl patctl(kept());
    const Ran ran = patctl.run({"import", "--from", file_, "--dry-run"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("https://gitlab.example/team"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("2 tokens would be imported; nothing was changed."), std::string::npos);
    EXPECT_EQ(ran.out.find("rm --"), std::string::npos);
    EXPECT_EQ(patctl.service.members(), (Texts{"List", "Status"}));
}

TEST_F(ImportFile, TakesStandardInputAndNetrc) {
    const Scratch input("machine git.example login alice password s3\n");
    Patctl patctl(kept({kSomeId}));
    patctl.input = input.fd();
    const Scratch password("swordfish\n");
    const Ran ran =
        patctl.run({"import", "--from", "-", "--password-fd", std::to_string(password.fd())});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers().front(), "s3\n");
    EXPECT_EQ(call_of(patctl).many.at(0).text("description"), "git.example, from standard input");
}

TEST_F(ImportFile, TakesTheFileOfAToolAndSaysHowTheToolForgets) {
    write(
        "[prod]\naws_access_key_id = AKIA1\naws_secret_access_key = k/1\n"
        "aws_session_token = t+1\n");
    Patctl patctl(kept({kSomeId}));
    const Ran ran = import(patctl);
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers().front(), "k/1\tt+1\n");
    EXPECT_EQ(call_of(patctl).many.at(0),
              dictionary({{"description", "prod, from .git-credentials"},
                          {"targets", Texts{"aws://prod"}},
                          {"username", "AKIA1"},
                          {"secret-kind", "aws"}}));
    EXPECT_NE(ran.out.find("with an editor, from line 2 on"), std::string::npos) << ran.out;
    for (const char* none : {"rm --", "patctl setup git", "k/1", "t+1"})
        EXPECT_EQ((ran.out + ran.err).find(none), std::string::npos) << none << ran.out << ran.err;
    for (const char* format : {"aws", "kube"}) {
        Patctl again(kept({kSomeId}));
        EXPECT_EQ(import(again, {"--format", format}).code,
                  std::string(format) == "aws" ? ExitCode::Success : ExitCode::Usage);
    }
}

TEST_F(ImportFile, ABadLineBeginsNothing) {
    write(std::string(kFile) + "hunter2\n");
    Patctl patctl(kept());
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_NE(ran.err.find("line 3"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("hunter2"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
    EXPECT_EQ(import(patctl, {"--format", "netrc"}).code, ExitCode::Usage);
}

// Not the service's request, and not a secret's form.
TEST_F(ImportFile, AFileThatCannotBeReadIsTheFilesFault) {
    Patctl patctl;
    const Ran none = patctl.run({"import", "--from", directory_.file("none")});
    EXPECT_EQ(none.code, ExitCode::Failure);
    EXPECT_EQ(none.err, "patctl: " + directory_.file("none") +
                            " cannot be read: No such file or directory\n");
    write("github.com:\n    oauth_token: gho_x\n");
    EXPECT_TRUE(import(patctl).err.starts_with("patctl: the file is no .git-credentials"));
    write("machine a.example login b\n");
    EXPECT_TRUE(
        import(patctl).err.ends_with("patctl: the file holds no secret that can be imported\n"));
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST_F(ImportFile, EveryFaultIsToldAtOnceAndBeginsNothing) {
    write(
        std::string(kFile) +
        "hunter2\nhttps://a:hunter2@@b.example\nhttps://ghp_hunter2hunter2hunter2:x@github.com\n");
    Patctl patctl(kept());
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Usage);
    for (const char* said : {"line 3: not of the form", "line 4: an @",
                             "line 5: its user name looks "
                             "like a token",
                             "3 lines cannot be imported; nothing was changed", "--skip"})
        EXPECT_NE(ran.err.find(said), std::string::npos) << said << "\n" << ran.err;
    EXPECT_EQ(ran.err.find("hunter2"), std::string::npos);
    const Ran json = import(patctl, {"--json"});
    EXPECT_NE(nlohmann::json::parse(json.err)["message"].get<std::string>().find("line 5: "),
              std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST_F(ImportFile, ALineForPlainHttpIsAFaultUnlessThatIsWanted) {
    write(std::string("http://a:s3cret@old.example:8080\nhttp://a:b@localhost:3000\n") + kFile);
    Patctl refused(kept());
    const Ran ran = import(refused);
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_NE(ran.err.find("line 1: http sends the secret unencrypted"), std::string::npos)
        << ran.err;
    EXPECT_EQ(ran.err.find("line 2"), std::string::npos);
    EXPECT_EQ((ran.out + ran.err).find("s3cret"), std::string::npos);
    EXPECT_TRUE(refused.service.calls().empty());
    Patctl wanted(kept({kSomeId, "BcDeF12345", "CdEfG12345", "DeFgH12345"}));
    EXPECT_EQ(import(wanted, {"--insecure-http"}).code, ExitCode::Success);
    EXPECT_EQ(call_of(wanted).many.size(), 4U);
}

TEST_F(ImportFile, SkipKeepsTheRestAndTheFile) {
    write("hunter2\n" + std::string(kFile));
    Patctl patctl(kept());
    const Ran ran = import(patctl, {"--skip", "--format", "git"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers().front(), "ghp_1\ngl@2\n");
    EXPECT_NE(ran.err.find("skipped: line 1: "), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out.find("rm --"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("also holds lines that were not imported"), std::string::npos);
}

TEST_F(ImportFile, ASecondRunBringsTheNewsOnly) {
    client::Script script = kept({kSomeId});
    client::Dictionary there = some_token();
    there.set("targets", Texts{"https://other.example", "https://gitlab.example/team"});
    there.set("username", "bob");
    script.tokens = {there};
    Patctl patctl(script);
    const Ran ran = import(patctl);
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers().front(), "ghp_1\n");
    EXPECT_NE(ran.out.find("1 token imported. 1 is kept already: line 2 as AbCdE01234"),
              std::string::npos)
        << ran.out;
    // Nobody compared the secrets: the file's may be the newer one.
    EXPECT_EQ(ran.out.find("rm --"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("were not compared"), std::string::npos) << ran.out;
}

TEST_F(ImportFile, WhatGitStoredOrAServerRefusedIsNotKeptAlready) {
    const std::pair<const char*, const char*> kinds[] = {
        {"provenance", "git-store"}, {"state", "rejected"}, {"state", "expired"}};
    for (const auto& [key, value] : kinds) {
        client::Script script = kept({kSomeId});
        client::Dictionary there = some_token();
        there.set("targets", Texts{"https://github.com"});
        there.set("username", "alice");
        there.set(key, value);
        script.tokens = {there};
        write("https://alice:ghp_1@github.com\n");
        Patctl patctl(script);
        const Ran ran = import(patctl);
        ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
        EXPECT_NE(ran.out.find("1 token imported."), std::string::npos) << value << ran.out;
    }
}

TEST_F(ImportFile, ARunWithoutNewsNeedsNoPassword) {
    client::Script script = kept();
    client::Dictionary there = some_token();
    there.set("targets", Texts{"https://github.com"});
    there.set("username", "alice");
    script.tokens = {there};
    write("https://alice:ghp_1@github.com\n");
    Patctl patctl(script);
    const Ran ran = patctl.run({"import", "--from", file_});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("0 tokens imported. 1 is kept already"), std::string::npos) << ran.out;
    EXPECT_EQ(patctl.service.members(), (Texts{"List", "Status"}));
    Patctl again(script);
    const Ran json = again.run({"import", "--from", file_, "--json"});
    EXPECT_EQ(nlohmann::json::parse(json.out),
              nlohmann::json::parse(R"([{"line": 1, "kept_already": "AbCdE01234"}])"));
}

TEST_F(ImportFile, TwoLoginsOfOnePlaceAreSaidBeforeAnythingIsKept) {
    client::Script script = kept();
    script.errors["Next"] = "org.patd.Tokens1.Error.WrongPassword";
    client::Dictionary there = some_token();
    there.set("targets", Texts{"https://gitlab.example/team"});
    there.set("username", "carol");
    script.tokens = {there};
    write(std::string(kFile) + "https://robot:x@github.com\n");
    Patctl patctl(script);
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Refused);
    for (const char* said :
         {"https://github.com will have 2 user names: alice (line 1), robot (line 3)",
          "https://gitlab.example/team will have 2 user names: bob (line 2), carol (token "
          "AbCdE01234)",
          "USER@", "git config --global 'credential.https://github.com.username' 'alice'"})
        EXPECT_NE(ran.err.find(said), std::string::npos) << said << "\n" << ran.err;
}

TEST_F(ImportFile, WhatIsPassedOverIsSaidAndIsInJson) {
    write("# mine\nhttps://alice@github.com\nhttps://ghp_hunter2:x-oauth-basic@github.com\n");
    Patctl patctl(kept({kSomeId}));
    const Ran ran = import(patctl, {"--format", "git"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    for (const char* said : {"not imported: line 1: a comment", "not imported: line 2: it has no",
                             "note: line 3: the user name was a token"})
        EXPECT_NE(ran.err.find(said), std::string::npos) << said << "\n" << ran.err;
    EXPECT_EQ((ran.out + ran.err).find("hunter2"), std::string::npos);
    EXPECT_EQ(call_of(patctl).many.at(0).text("username"), "x-access-token");
    Patctl again(kept({kSomeId}));
    const nlohmann::json rows =
        nlohmann::json::parse(import(again, {"--format", "git", "--json"}).out);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[1]["passed_over"], "a comment");
}

TEST_F(ImportFile, WhoSitsAtATerminalIsOfferedToSetUpGit) {
    for (const char* answer : {"", "n"}) {
        Patctl patctl(kept());
        Person person({{"Password: ", "swordfish\n"}, {"[Y/n] ", std::string(answer) + "\n"}});
        patctl.person = &person;
        const Ran ran = patctl.run({"import", "--from", file_});
        (void)person.leave();
        ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
        const bool named =
            ran.out.find("Let git ask patd:\n    patctl setup git") != std::string::npos;
        EXPECT_EQ(named, *answer != '\0') << ran.out;
        EXPECT_EQ(read(".gitconfig").find("git-credential-pat") != std::string::npos,
                  *answer == '\0');
        EXPECT_NE(ran.out.find("Then remove it:\n    rm -- '" + file_ + "'"), std::string::npos);
        std::filesystem::remove(home_ / ".gitconfig");
    }
}

TEST_F(ImportFile, WhatTheKeyringHasNotWrittenYetIsNoReasonToRemoveTheFile) {
    client::Script script = kept();
    script.result = dictionary({{"ids", Texts{kSomeId, "BcDeF12345"}}, {"kept-later", true}});
    Patctl patctl(script);
    const Ran ran = import(patctl);
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out.find("rm --"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("has not saved them"), std::string::npos) << ran.out;
}

TEST_F(ImportFile, ALinkedFileIsRemovedWithWhatItLeadsTo) {
    const std::string link = directory_.file("link");
    std::filesystem::create_symlink(".git-credentials", link);
    Patctl patctl(kept());
    const Scratch password("swordfish\n");
    const Ran ran =
        patctl.run({"import", "--from", link, "--password-fd", std::to_string(password.fd())});
    EXPECT_NE(ran.out.find("rm -- '" + link + "' '" + file_ + "'"), std::string::npos) << ran.out;
}

TEST_F(ImportFile, TooManyForTheAccountBeginNothing) {
    client::Script script = kept();
    script.tokens = {some_token()};
    script.status = dictionary({{"tokens-max", std::uint32_t{2}}});
    Patctl patctl(script);
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("you have 1 token and may have 2; the file holds 2"), std::string::npos)
        << ran.err;
    EXPECT_EQ(patctl.service.members(), (Texts{"List", "Status"}));
}

TEST_F(ImportFile, AWrongPasswordIsSaidAndNothingIsShownAsKept) {
    client::Script script = kept();
    script.errors["Next"] = "org.patd.Tokens1.Error.WrongPassword";
    Patctl patctl(script);
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(patctl.service.members().back(), "Cancel");
}

TEST_F(ImportFile, LongPlacesAreCutToADescription) {
    write("https://a:b@" + std::string(60, 'h') + ".example\nhttps://a:b@h.example/" +
          std::string(200, 'p') + "\n");
    Patctl patctl(kept());
    ASSERT_EQ(import(patctl).code, ExitCode::Success);
    EXPECT_EQ(call_of(patctl).many.at(0).text("description"), std::string(60, 'h') + ".exa");
    EXPECT_EQ(call_of(patctl).many.at(1).text("description"), "h.example");
}

}  // namespace
}  // namespace patd::cli
