// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_file.h"

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

class ImportFile : public ::testing::Test {
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
         {"AbCdE01234", "BcDeF12345", "https://gitlab.example/team", "bob", "2 tokens are kept.",
          "still holds these secrets in plain text", "patctl setup git", "rm -- '"})
        EXPECT_NE(ran.out.find(shown), std::string::npos) << shown << "\n" << ran.out;
    EXPECT_NE(ran.err.find("useHttpPath"), std::string::npos);
    EXPECT_EQ((ran.out + ran.err).find("ghp_1"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(file_));
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
    EXPECT_NE(ran.out.find("2 tokens would be kept; nothing was changed."), std::string::npos);
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

TEST_F(ImportFile, WhatIsThereAlreadyIsNamedByItsLine) {
    client::Script script = kept();
    client::Dictionary there = some_token();
    there.set("targets", Texts{"https://other.example", "https://gitlab.example/team"});
    there.set("username", "bob");
    script.tokens = {there};
    Patctl patctl(script);
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("line 2: token AbCdE01234 is for this place"), std::string::npos)
        << ran.err;
    EXPECT_EQ(patctl.service.members(), Texts{"List"});
}

TEST_F(ImportFile, TooManyForTheAccountBeginNothing) {
    client::Script script = kept();
    script.tokens = {some_token()};
    script.status = dictionary({{"tokens-max", std::uint32_t{2}}});
    Patctl patctl(script);
    const Ran ran = import(patctl);
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_NE(ran.err.find("you have 1 tokens and may have 2; the file holds 2"), std::string::npos)
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
