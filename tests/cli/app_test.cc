// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/app.h"

#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace patd::cli {
namespace {

TEST(Run, PrintsHelpWithTheExitStatuses) {
    const Ran ran = Patctl().run({"--help"});
    EXPECT_EQ(ran.code, ExitCode::Success);
    EXPECT_NE(ran.out.find("remove-all"), std::string::npos);
    EXPECT_NE(ran.out.find("6  the service cannot be reached"), std::string::npos);
    EXPECT_EQ(ran.err, "");
}

TEST(Run, PrintsTheHelpOfACommandAndOfAll) {
    EXPECT_NE(Patctl().run({"edit", "--help"}).out.find("--reinstate"), std::string::npos);
    const Ran all = Patctl().run({"--help-all"});
    EXPECT_NE(all.out.find("--reinstate"), std::string::npos);
    EXPECT_NE(all.out.find("--system"), std::string::npos);
    EXPECT_EQ(all.out.find("0  success"), all.out.rfind("0  success"));
}

TEST(Run, PrintsTheVersion) {
    EXPECT_TRUE(Patctl().run({"--version"}).out.starts_with("patctl "));
}

TEST(Run, RefusesWhatIsNoCommand) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"frobnicate"},
          {"list", "more"},
          {"show"},
          {"setup"},
          {"create", "x"},
          {"list", "--no-such-option"},
          {"audit", "--limit", "0"},
          {"audit", "--limit", "1001"},
          {"edit", kSomeId, "--confirm", "maybe"},
          {"unlock", "--for", "5m"},
          {"edit", kSomeId, "-t", "https://a", "--no-targets"}}) {
        Patctl patctl;
        const Ran ran = patctl.run(arguments);
        EXPECT_EQ(ran.code, ExitCode::Usage);
        EXPECT_EQ(ran.out, "");
        EXPECT_TRUE(ran.err.starts_with("patctl: ")) << ran.err;
        EXPECT_TRUE(patctl.service.calls().empty());
    }
}

TEST(Run, NamesTheNearestCommandOrOption) {
    EXPECT_EQ(Patctl().run({"crate"}).err,
              "patctl: there is no command 'crate'; did you mean create? 'patctl --help' lists "
              "all\n");
    EXPECT_EQ(Patctl().run({"frobnicate"}).err,
              "patctl: there is no command 'frobnicate'; 'patctl --help' lists all\n");
    EXPECT_EQ(Patctl().run({"admin", "bakup"}).err,
              "patctl: there is no command 'admin bakup'; did you mean backup? 'patctl help admin' "
              "lists all\n");
    EXPECT_EQ(Patctl().run({"verify", "--user"}).err, "patctl: --user needs a value: NAME\n");
    EXPECT_EQ(Patctl().run({"show"}).err, "patctl: ID is required; see 'patctl help show'\n");
    EXPECT_EQ(Patctl().run({"list", "more"}).err,
              "patctl: too many arguments; see 'patctl help list'\n");
    EXPECT_EQ(Patctl().run({"verify", "--permision", "a"}).err,
              "patctl: unknown option --permision; did you mean --permission?\n");
    EXPECT_EQ(Patctl().run({"list", "--jsn"}).err,
              "patctl: unknown option --jsn; did you mean --json?\n");
    EXPECT_EQ(Patctl().run({"list", "--frobnicate"}).err, "patctl: unknown option --frobnicate\n");
    // What is lacking is not to blame where it was given with a slip.
    EXPECT_EQ(Patctl().run({"create", "x", "--permision", "vcs:repository:ro"}).err,
              "patctl: unknown option --permision; did you mean --permission?\n");
}

// "-p,--permission" and "--permission" of every command, as the help shows them.
std::map<std::string, std::set<std::string>> letters_of_options() {
    const std::string help = Patctl().run({"--help-all"}).out;
    const std::regex option(R"(^  (?:(-\w), )?(--[a-z-]+)\b)", std::regex::multiline);
    std::map<std::string, std::set<std::string>> letters;
    for (std::sregex_iterator i(help.begin(), help.end(), option), end; i != end; ++i)
        letters[(*i)[2]].insert((*i)[1]);
    return letters;
}

TEST(Run, AnOptionHasTheSameLetterInEveryCommand) {
    const auto letters = letters_of_options();
    EXPECT_GT(letters.size(), 30U);
    EXPECT_TRUE(letters.contains("--permission"));
    std::set<std::string> taken;
    for (const auto& [name, given] : letters) {
        EXPECT_EQ(given.size(), 1U) << name << " has a letter in some commands only";
        const std::string letter = *given.begin();
        EXPECT_TRUE(letter.empty() || taken.insert(letter).second) << name << " shares its letter";
    }
}

TEST(Run, TakesTheUnitOfExplainUnderItsOldNameToo) {
    for (const char* option : {"--unit", "--only-unit"}) {
        Patctl patctl;
        EXPECT_EQ(patctl.run({"explain", "https://git.example", option, "a.service"}).code,
                  ExitCode::NotFound);
    }
    EXPECT_EQ(Patctl().run({"explain", "--help"}).out.find("--only-unit"), std::string::npos);
}

TEST(Run, KnowsTheUsualShortNames) {
    Patctl list({.tokens = {some_token()}});
    EXPECT_NE(list.run({"ls"}).out.find(kSomeId), std::string::npos);
    Patctl remove;
    EXPECT_EQ(remove.run({"rm"}).err, "patctl: ID is required; see 'patctl help delete'\n");
    EXPECT_EQ(Patctl().run({"-V"}).out, Patctl().run({"--version"}).out);
}

// What root may do, nobody else learns why he may not.
TEST(Run, SaysThatACommandIsForRoot) {
    if (geteuid() == 0 && seteuid(65534) != 0)
        FAIL() << "no other user";
    Patctl patctl({.errors = {{"ListOwners", "org.patd.Tokens1.Error.AccessDenied"}}});
    const Ran ran = patctl.run({"admin", "list"});
    if (getuid() == 0) {
        ASSERT_EQ(seteuid(0), 0);
    }
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: admin list is for root: sudo patctl admin list\n");
}

// The command as it was typed can be run; nothing else is proposed, and no secret is repeated.
TEST(Run, RepeatsTheWordsOfACommandThatIsForRoot) {
    struct Sample {
        std::vector<std::string> typed;
        std::string said;
    };
    if (geteuid() == 0 && seteuid(65534) != 0)
        FAIL() << "no other user";
    for (const Sample& sample :
         {Sample{{"admin", "list", "--json", "--user", "root"},
                 "sudo patctl admin list --json --user root"},
          Sample{{"audit", "--all"}, "audit --all is for root: sudo patctl audit --all\n"},
          Sample{{"audit", "--user", "root", "--since", "2026-01-01 10:00"},
                 "audit --user is for root: sudo patctl audit --user root --since '2026-01-01 "
                 "10:00'\n"},
          Sample{{"audit", "--all", "--unit", std::string(80, 'a') + ".service"},
                 "audit --all is for root\n"}}) {
        Patctl patctl({.errors = {{"List", "org.patd.Tokens1.Error.AccessDenied"},
                                  {"ListEvents", "org.patd.Tokens1.Error.AccessDenied"}}});
        const Ran ran = patctl.run(sample.typed);
        EXPECT_NE(ran.err.find(sample.said), std::string::npos) << ran.err;
    }
    if (getuid() == 0) {
        ASSERT_EQ(seteuid(0), 0);
    }
}

TEST(Run, DoesNotRepeatAnArgumentThatMayBeASecret) {
    EXPECT_EQ(Patctl().run({"Hunter2"}).err,
              "patctl: this is not a command; 'patctl --help' lists all\n");
    EXPECT_EQ(Patctl().run({"verify", "ghp_0123456789"}).err.find("ghp_"), std::string::npos);
    const std::string err = Patctl().run({"verify", "--token=ghp_0123456789"}).err;
    EXPECT_EQ(err.find("ghp_"), std::string::npos);
    EXPECT_NE(err.find("--token"), std::string::npos);
}

// Row C10.
TEST(Run, RefusesASecretInTheCommandLineBeforeAnythingElse) {
    for (const char* secret : {"pat1_0123456789_x", "patc1_x"}) {
        Patctl patctl;
        const Ran ran = patctl.run({"show", secret});
        EXPECT_EQ(ran.code, ExitCode::Usage);
        EXPECT_NE(ran.err.find("--secret-fd"), std::string::npos);
        EXPECT_EQ(ran.err.find(secret), std::string::npos);
        EXPECT_TRUE(patctl.service.calls().empty());
    }
}

TEST(Run, GivesUsageErrorsAsJsonToo) {
    const Ran ran = Patctl().run({"list", "more", "--json"});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_TRUE(ran.err.starts_with("{\"error\":\"Usage\",\"message\":")) << ran.err;
}

// Neither the service nor the command line is to blame for a full disk or a closed pipe.
TEST(Run, AnOutputThatCannotBeWrittenIsToldAsThatByEveryCommand) {
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    int ends[2] = {};
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd closed(ends[1]);
    close(ends[0]);
    std::signal(SIGPIPE, SIG_IGN);
    const std::string file = testing::TempDir() + "patctl-output-credentials";
    std::ofstream(file) << "https://alice:x@git.example\n";
    const std::vector<std::vector<std::string>> commands = {
        {"--help"},
        {"--help-all"},
        {"--version"},
        {"list"},
        {"list", "--json"},
        {"show", kSomeId},
        {"status"},
        {"status", "--json"},
        {"permissions"},
        {"audit"},
        {"audit", "--json"},
        {"explain", "https://git.example"},
        {"doctor"},
        {"doctor", "--json"},
        {"admin", "list"},
        {"expose"},
        {"lock"},
        {"setup", "git", "--help"},
        {"import", "--from", file, "--dry-run"}};
    for (const auto& [fd, reason] : {std::pair(full.get(), "No space left on device"),
                                     std::pair(closed.get(), "Broken pipe")}) {
        for (const std::vector<std::string>& command : commands) {
            Patctl patctl({.tokens = {some_token()},
                           .status = dictionary({{"tokens-max", std::uint32_t{1000}}})});
            patctl.output = fd;
            const Ran ran = patctl.run(command);
            EXPECT_EQ(ran.code, ExitCode::Failure) << command[0];
            const bool json = command.back() == "--json";
            const std::string text = "The output cannot be written: " + std::string(reason) + ".";
            EXPECT_EQ(ran.err, json ? "{\"error\":\"Output\",\"message\":\"" + text + "\"}\n"
                                    : "patctl: " + text + "\n")
                << command[0];
        }
    }
    std::signal(SIGPIPE, SIG_DFL);
}

TEST(Run, TakesJsonBeforeAndAfterTheCommand) {
    EXPECT_EQ(Patctl().run({"--json", "list"}).out, "[]\n");
    EXPECT_EQ(Patctl().run({"list", "--json"}).out, "[]\n");
}

TEST(Run, GivesTheServicesErrorsAsExitCodeAndSentence) {
    Patctl patctl({.errors = {{"List", "org.patd.Tokens1.Error.AccessDenied"}}});
    const Ran ran = patctl.run({"list"});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_EQ(ran.err, "patctl: " + std::string(errc_message(Errc::AccessDenied)) + "\n");
    EXPECT_EQ(ran.err.find("words of the service"), std::string::npos);
}

}  // namespace
}  // namespace patd::cli
