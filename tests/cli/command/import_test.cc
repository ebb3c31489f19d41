// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

TEST(Import, TakesTheSecretFromItsDescriptorAndSendsItIntoTheSink) {
    const Scratch password("swordfish\n");
    const Scratch secret("ghp_imported\n");
    Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                   .result = dictionary({{"id", kSomeId}})});
    const Ran ran =
        patctl.run({"import", "forge", "-t", "https://forge.example", "-u", "alice", "--secret-fd",
                    std::to_string(secret.fd()), "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "Token AbCdE01234 is imported.\n");
    EXPECT_EQ(patctl.service.answers(), (Texts{"ghp_imported", "swordfish"}));
    const client::Call call = patctl.service.call_of("Import");
    EXPECT_EQ(call.member, "Import");
    EXPECT_EQ(call.texts, Texts{"forge"});
    EXPECT_EQ(call.options,
              dictionary({{"targets", Texts{"https://forge.example"}}, {"username", "alice"}}));
}

TEST(Import, TakesTheUserNameFromATargetAsGitPrintsIt) {
    const Scratch password("swordfish\n");
    const Scratch secret("ghp_imported\n");
    const auto run = [&](Patctl& patctl, const Texts& more) {
        Texts arguments = {"import",        "forge",
                           "--secret-fd",   std::to_string(secret.fd()),
                           "--password-fd", std::to_string(password.fd())};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return patctl.run(arguments);
    };
    Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                   .result = dictionary({{"id", kSomeId}})});
    const Ran ran = run(patctl, {"-t", "https://alice@Forge.example/My%20Team/"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(
        patctl.service.call_of("Import").options,
        dictionary({{"targets", Texts{"https://forge.example/My%20Team"}}, {"username", "alice"}}));
    for (const Texts& two : {Texts{"-t", "https://alice@a.example", "-u", "bob"},
                             Texts{"-t", "https://alice@a.example", "-t", "https://bob@b.example"},
                             Texts{"-t", "https://alice:hunter2@a.example", "-u", "alice"}}) {
        Patctl other;
        const Ran refused = run(other, two);
        EXPECT_EQ(refused.code, ExitCode::Usage) << two[1];
        EXPECT_NE(refused.err.find(": user: "), std::string::npos) << refused.err;
        EXPECT_EQ(refused.err.find("hunter2"), std::string::npos) << refused.err;
        EXPECT_TRUE(other.service.calls().empty());
    }
}

TEST(Import, SaysThatOnlyTheGatewayIsToGetTheSecret) {
    const Scratch password("swordfish\n");
    const Scratch secret("ghp_imported\n");
    Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                   .result = dictionary({{"id", kSomeId}})});
    const Ran ran =
        patctl.run({"import", "forge", "--through-gateway", "-p", "vcs:repository:ro", "-t",
                    "https://forge.example", "-u", "al", "--secret-fd", std::to_string(secret.fd()),
                    "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.call_of("Import").options,
              dictionary({{"targets", Texts{"https://forge.example"}},
                          {"username", "al"},
                          {"permissions", Texts{"vcs:repository:ro"}},
                          {"through-gateway", true}}));
    Patctl other;
    EXPECT_EQ(other.run({"import", "--from", "-", "--through-gateway"}).code, ExitCode::Usage);
}

TEST(Import, TakesAKeyOfAwsWithAllOfItsPartsAsAwsWritesThem) {
    const Scratch password("swordfish\n");
    const Scratch secret(R"({"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"k/ey",)"
                         R"("SessionToken":"sess","Expiration":"2099-01-01T00:00:00+00:00"})");
    Patctl patctl({.prompts = {{"token-secret", "Secret: "}, {"secret", "Password: "}},
                   .result = dictionary({{"id", kSomeId}})});
    const Ran ran =
        patctl.run({"import", "prod", "--kind", "aws", "-t", "aws://prod", "--secret-fd",
                    std::to_string(secret.fd()), "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl.service.answers(), (Texts{"k/ey\tsess", "swordfish"}));
    EXPECT_EQ(patctl.service.call_of("Import").options,
              dictionary({{"targets", Texts{"aws://prod"}},
                          {"username", "AKIA1"},
                          {"secret-kind", "aws"},
                          {"expires", std::int64_t{4070908800}}}));
}

TEST(Import, BeginsNothingWithAKeyOfAwsThatIsNotWhole) {
    for (const char* bad : {"", "hunter2\n", R"({"AccessKeyId":"AKIA1"})",
                            R"({"AccessKeyId":"AKIA2","SecretAccessKey":"hunter2"})"}) {
        const Scratch password("swordfish\n");
        const Scratch secret(bad);
        Patctl patctl;
        const Ran ran = patctl.run({"import", "prod", "--kind", "aws", "-t", "aws://prod", "-u",
                                    "AKIA1", "--secret-fd", std::to_string(secret.fd()),
                                    "--password-fd", std::to_string(password.fd())});
        EXPECT_EQ(ran.code, ExitCode::Usage) << bad;
        EXPECT_EQ(ran.err.find("hunter2"), std::string::npos) << ran.err;
        EXPECT_EQ(patctl.service.call_of("Import").member, "") << bad;
    }
}

TEST(Import, BeginsNothingWhenNobodyCanGiveTheSecret) {
    const Scratch password("swordfish\n");
    Patctl patctl;
    const Ran ran = patctl.run({"import", "forge", "-t", "https://forge.example", "-u", "alice",
                                "--password-fd", std::to_string(password.fd())});
    EXPECT_EQ(ran.code, ExitCode::CannotAsk);
    EXPECT_NE(ran.err.find("--secret-fd"), std::string::npos);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST(Import, NeedsATargetAndAUserName) {
    EXPECT_EQ(Patctl().run({"import", "forge", "-u", "alice"}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"import", "forge", "-t", "https://a"}).code, ExitCode::Usage);
    EXPECT_EQ(Patctl().run({"import", "-t", "https://a", "-u", "alice"}).code, ExitCode::Usage);
}

TEST(Import, AFileSaysItselfWhereItsSecretsAreFor) {
    for (const Texts& more : {Texts{"-t", "https://a"}, {"-u", "alice"}, {"--secret-fd", "0"}}) {
        Texts arguments = {"import", "--from", "/nonexistent"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        EXPECT_EQ(Patctl().run(arguments).code, ExitCode::Usage) << more[0];
    }
    for (const Texts& more : {Texts{"--dry-run"}, {"--format", "git"}}) {
        Texts arguments = {"import", "forge", "-t", "https://a", "-u", "alice"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        EXPECT_EQ(Patctl().run(arguments).code, ExitCode::Usage) << more[0];
    }
    EXPECT_EQ(Patctl().run({"import", "--from", "x", "--format", "xml"}).code, ExitCode::Usage);
}

}  // namespace
}  // namespace patd::cli
