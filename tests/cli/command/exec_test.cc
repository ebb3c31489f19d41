// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/script_fixture.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

// Each command is really run: patctl becomes it, in a process of its own.
namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

struct Outcome {
    int status;  // the exit status, or 128 and the signal
    std::string out;
    std::string err;
};

Outcome outcome_of(int status, const Scratch& out, const Scratch& err) {
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out.content(),
            err.content()};
}

// Runs `patctl ARGUMENTS` in a child, whose SIGPIPE is ignored as main() does.
Outcome run_patctl(const std::string& line_socket, const Texts& arguments) {
    const Scratch out;
    const Scratch err;
    const pid_t child = fork();
    if (child == 0) {
        dup2(out.fd(), STDOUT_FILENO);
        dup2(err.fd(), STDERR_FILENO);
        std::signal(SIGPIPE, SIG_IGN);
        const FixedClock clock;
        const Environment environment{
            .connect = []() -> Result<client::TokensClient> { return Errc::Unavailable; },
            .open_terminal = [] { return UniqueFd(); },
            .clock = clock,
            .enroll_socket = {},
            .line_socket = line_socket,
        };
        std::vector<const char*> pointers = {"patctl"};
        for (const std::string& argument : arguments)
            pointers.push_back(argument.c_str());
        _exit(static_cast<int>(cli::run(environment, pointers)));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return outcome_of(status, out, err);
}

class Exec : public testing::Test {
  protected:
    Outcome exec(Texts options, const Texts& command) {
        options.insert(options.begin(), {"exec", "-t", "https://git.example"});
        options.push_back("--");
        options.insert(options.end(), command.begin(), command.end());
        return run_patctl(release_.path(), options);
    }

    ScriptedRelease release_;
};

TEST_F(Exec, PutsTheSecretIntoTheEnvironment) {
    const Outcome ran = exec({}, {"printenv", "PATD_TOKEN"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "patc1_the-secret\n");
    EXPECT_EQ(exec({"--env", "FORGE_TOKEN"}, {"printenv", "FORGE_TOKEN"}).out,
              "patc1_the-secret\n");
    EXPECT_EQ(exec({"--env", "FORGE_TOKEN"}, {"printenv", "PATD_TOKEN"}).status, 1);
}

TEST_F(Exec, KeepsTheRestOfTheEnvironmentAndReplacesAnOlderSecret) {
    setenv("PATD_TOKEN", "an-old-one", 1);
    setenv("PATD_TOKEN_TOO", "kept", 1);
    const Outcome ran = exec({}, {"env"});
    unsetenv("PATD_TOKEN");
    unsetenv("PATD_TOKEN_TOO");
    EXPECT_EQ(ran.out.find("an-old-one"), std::string::npos);
    EXPECT_NE(ran.out.find("PATD_TOKEN=patc1_the-secret\n"), std::string::npos);
    EXPECT_NE(ran.out.find("PATD_TOKEN_TOO=kept\n"), std::string::npos);
    EXPECT_NE(ran.out.find("PATH="), std::string::npos);
}

// Row C10: in a descriptor it is in no environment, and nowhere once it was read.
TEST_F(Exec, PutsTheSecretIntoADescriptorInstead) {
    for (const char* fd : {"0", "3", "9", "500"}) {
        const Outcome ran = exec({"--fd", fd}, {"cat", std::string("/dev/fd/") + fd});
        EXPECT_EQ(ran.out, "patc1_the-secret\n") << fd << ran.err;
    }
    EXPECT_EQ(exec({"--fd", "3"}, {"env"}).out.find("patc1_"), std::string::npos);
}

TEST_F(Exec, LeavesTheCommandNoOtherDescriptor) {
    const Outcome ran = exec({"--fd", "9"}, {"ls", "/proc/self/fd"});
    EXPECT_EQ(ran.out.find("4\n5\n"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("9\n"), std::string::npos) << ran.out;
}

// Row C10: every user may read the arguments of every process.
TEST_F(Exec, PutsNothingIntoTheArguments) {
    const Outcome ran = exec({}, {"cat", "/proc/self/cmdline"});
    EXPECT_EQ(ran.out, std::string("cat\0/proc/self/cmdline\0", 23));
}

TEST_F(Exec, PassesTheArgumentsOnAsTheyAre) {
    const Outcome ran = exec({}, {"printf", "<%s>", "a b", "", "--json", "-p", "--", "list", "*"});
    EXPECT_EQ(ran.out, "<a b><><--json><-p><--><list><*>");
}

TEST_F(Exec, EndsAsTheCommandDoes) {
    for (const int status : {0, 1, 3, 77, 126, 255})
        EXPECT_EQ(exec({}, {"sh", "-c", "exit " + std::to_string(status)}).status, status);
    for (const char* signal : {"KILL", "TERM", "PIPE", "INT"}) {
        const Outcome ran = exec({}, {"sh", "-c", std::string("kill -") + signal + " $$"});
        EXPECT_GT(ran.status, 128) << signal;
    }
}

TEST_F(Exec, SaysAsShellsDoWhenTheCommandCannotBeRun) {
    const Outcome missing = exec({}, {"no-such-command"});
    EXPECT_EQ(missing.status, 127);
    EXPECT_NE(missing.err.find("no-such-command"), std::string::npos);
    EXPECT_EQ(exec({}, {"/nonexistent/command"}).status, 127);
    EXPECT_EQ(exec({}, {"/etc/passwd"}).status, 126);
    EXPECT_EQ(exec({}, {"/etc"}).status, 126);
}

TEST_F(Exec, RunsNothingWithoutAToken) {
    const support::TemporaryDirectory directory;
    const std::string witness = directory.file("witness");
    for (const auto& [reply, status] :
         {std::pair("\n", 3), std::pair("error=Locked\ntext=t\n\n", 4), std::pair("", 6)}) {
        const ScriptedRelease none(reply);
        const Outcome ran =
            run_patctl(none.path(), {"exec", "-t", "https://git.example", "--", "touch", witness});
        EXPECT_EQ(ran.status, status);
        EXPECT_FALSE(std::ifstream(witness).good());
    }
}

TEST_F(Exec, RefusesWhatItCannotDoBeforeItAsks) {
    for (const Texts& options : {Texts{"--env", "A=B"},
                                 {"--env", ""},
                                 {"--env", "1A"},
                                 {"--fd", "1"},
                                 {"--fd", "2"},
                                 {"--fd", "-1"},
                                 {"--fd", "1024"},
                                 {"--fd", "3", "--env", "A"}})
        EXPECT_EQ(exec(options, {"true"}).status, 2) << options.back();
    EXPECT_EQ(exec({}, {}).status, 2);
    EXPECT_EQ(exec({}, {"echo", "pat1_a-secret"}).status, 2);
    EXPECT_TRUE(release_.requests().empty());
}

}  // namespace
}  // namespace patd::cli
