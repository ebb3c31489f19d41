// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/private_bus.h"
#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

// The real program, as a user starts it. Its service is scripted, on a real bus.
namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

// The three standard descriptors, and a terminal or none.
struct Start {
    int input;
    int output;
    int errors;
    bool has_terminal = false;
};

pid_t start_patctl(const Texts& arguments, const Start& start) {
    Texts copies = arguments;
    copies.insert(copies.begin(), PATD_PATCTL);
    std::vector<char*> pointers;
    for (std::string& copy : copies)
        pointers.push_back(copy.data());
    pointers.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0)
        return child;
    setsid();
    if (start.has_terminal)
        ioctl(start.input, TIOCSCTTY, 0);
    dup2(start.input, STDIN_FILENO);
    dup2(start.output, STDOUT_FILENO);
    dup2(start.errors, STDERR_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

struct Exit {
    int code;
    std::string out;
    std::string err;
};

// Without a terminal.
Exit run_patctl(const Texts& arguments, const std::string& input = {}) {
    const Scratch in(input);
    const Scratch out;
    const Scratch err;
    const int status = wait_for(start_patctl(arguments, {in.fd(), out.fd(), err.fd()}));
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out.content(), err.content()};
}

// In front of a person; a wait status.
int run_on_terminal(const Texts& arguments, const Person& person) {
    const int terminal = person.terminal();
    return wait_for(start_patctl(arguments, {terminal, terminal, terminal, true}));
}

bool echoes(const Person& person) {
    termios attributes{};
    tcgetattr(person.terminal(), &attributes);
    return (attributes.c_lflag & ECHO) != 0;
}

client::Script created() {
    return {.prompts = {{"secret", "Service password of alice: "}},
            .secret = "the-new-secret",
            .result = dictionary({{"id", kSomeId}, {"acknowledge", true}})};
}

class PatctlTest : public testing::Test {
  protected:
    PatctlTest() { setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }

    PrivateBus bus_;
};

// Row M8.
TEST_F(PatctlTest, CreatesOnATerminalThatNeverShowsThePassword) {
    client::FakeService service(created());
    service.serve_on(bus_.address());
    Person person({{"Service password of alice: ", "swordfish\n"}});
    const int status = run_on_terminal({"create", "laptop", "-p", "vcs:repository:ro"}, person);
    EXPECT_TRUE(echoes(person));
    const std::string screen = person.leave();
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << screen;
    EXPECT_EQ(screen.find("swordfish"), std::string::npos);
    EXPECT_NE(screen.find("the-new-secret"), std::string::npos);
    EXPECT_EQ(service.answers(), Texts{"swordfish"});
    EXPECT_EQ(service.call_of("Acknowledge").member, "Acknowledge");
}

// Nobody needs a page to begin with.
TEST_F(PatctlTest, AloneItLeadsANewUserOnATerminal) {
    client::FakeService service(
        {.status = dictionary(
             {{"user", "alice"}, {"service-password", false}, {"tokens", std::uint32_t{0}}})});
    service.serve_on(bus_.address());
    Person looking({});
    EXPECT_EQ(WEXITSTATUS(run_on_terminal({}, looking)), 0);
    const std::string screen = looking.leave();
    EXPECT_NE(screen.find("alice: no service password, 0 tokens"), std::string::npos) << screen;
    EXPECT_LT(screen.find("patctl passwd"), screen.find("patctl create")) << screen;
}

TEST_F(PatctlTest, AsksForNoSecretOfWhoHasNoServicePassword) {
    client::FakeService service({.status = dictionary({{"service-password", false}})});
    service.serve_on(bus_.address());
    for (const Texts& arguments :
         {Texts{"create"}, {"import", "forge", "-t", "https://a", "-u", "alice"}}) {
        Person person({});
        EXPECT_EQ(WEXITSTATUS(run_on_terminal(arguments, person)), 4);
        EXPECT_EQ(person.leave(),
                  "patctl: " + std::string(errc_message(Errc::NoServicePassword)) + "\r\n");
    }
}

TEST_F(PatctlTest, PutsTheTerminalBackWhenASignalEndsIt) {
    for (const auto& [key, signal] : {std::pair("\x03", SIGINT), std::pair("\x1c", SIGQUIT)}) {
        client::FakeService service(created());
        service.serve_on(bus_.address());
        Person person({{"Service password of alice: ", key}});
        const int status = run_on_terminal({"delete", "--yes", kSomeId}, person);
        EXPECT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(WTERMSIG(status), signal);
        EXPECT_TRUE(echoes(person));
        EXPECT_EQ(service.members(), (Texts{"Show", "Delete", "Next"}));
    }
}

TEST_F(PatctlTest, FailsAtOnceWithoutATerminalAndNamesTheFix) {
    client::FakeService service(created());
    service.serve_on(bus_.address());
    for (const Texts& arguments : {Texts{"create", "laptop", "-p", "vcs"},
                                   {"import", "forge", "-t", "https://a", "-u", "alice"},
                                   {"edit", kSomeId, "-d", "x"},
                                   {"regenerate", kSomeId},
                                   {"delete", kSomeId},
                                   {"remove-all"},
                                   {"passwd"},
                                   {"unlock"},
                                   {"admin", "passwd", "root"}}) {
        const Exit exit = run_patctl(arguments);
        EXPECT_EQ(exit.code, 5) << arguments.front();
        EXPECT_NE(exit.err.find("--password-fd"), std::string::npos) << exit.err;
        EXPECT_NE(exit.err.find("ssh -t"), std::string::npos) << exit.err;
        EXPECT_EQ(exit.out, "");
    }
    EXPECT_TRUE(service.calls().empty());
}

TEST_F(PatctlTest, TalksToTheServiceThatRunsAsRoot) {
    client::FakeService service({.tokens = {some_token()}});
    service.serve_on(bus_.address());
    const Exit exit = run_patctl({"list"});
    EXPECT_EQ(exit.code, 0) << exit.err;
    EXPECT_NE(exit.out.find(kSomeId), std::string::npos);
}

TEST_F(PatctlTest, VerifiesASecretFromStandardInput) {
    client::FakeService service(
        {.prompts = {{"token-secret", "Token: "}}, .result = dictionary({{"valid", true}})});
    service.serve_on(bus_.address());
    EXPECT_EQ(run_patctl({"verify"}, "the-secret\n").code, 0);
    EXPECT_EQ(service.answers(), Texts{"the-secret"});
}

// Row A12: whoever else owns the name gets not one call, and so not one byte of a secret.
TEST_F(PatctlTest, SendsNothingToAnotherUserWhoOwnsTheName) {
    Squatter squatter(bus_.address(), 65534);
    const Exit exit = run_patctl({"verify"}, "the-secret\n");
    EXPECT_EQ(exit.code, 6);
    EXPECT_NE(exit.err.find("another user owns the name of the service; nothing was sent"),
              std::string::npos)
        << exit.err;
    EXPECT_EQ(squatter.finish(), 0);
}

TEST_F(PatctlTest, SaysThatTheServiceIsNotThere) {
    EXPECT_EQ(run_patctl({"list"}).code, 6);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    EXPECT_EQ(run_patctl({"list"}).code, 6);
}

std::set<std::string> find_options(const std::string& text) {
    static const std::regex option("--[a-z][a-z-]*[a-z]");
    return {std::sregex_token_iterator(text.begin(), text.end(), option),
            std::sregex_token_iterator()};
}

TEST(Manual, NamesEveryOptionAndNoOther) {
    std::ostringstream manual;
    manual << std::ifstream(PATD_MANUAL).rdbuf();
    const Exit help = run_patctl({"--help-all"});
    ASSERT_EQ(help.code, 0);
    EXPECT_EQ(find_options(manual.str()), find_options(help.out));
}

TEST(Manual, NamesEveryCommandAndExitCode) {
    std::ostringstream manual;
    manual << std::ifstream(PATD_MANUAL).rdbuf();
    const std::string text = manual.str();
    for (const char* command : {"create",
                                "import",
                                "list",
                                "show",
                                "edit",
                                "regenerate",
                                "delete",
                                "remove-all",
                                "passwd",
                                "verify",
                                "lock",
                                "unlock",
                                "status",
                                "doctor",
                                "audit",
                                "explain",
                                "exec",
                                "get",
                                "expose",
                                "setup",
                                "converse",
                                "setup git",
                                "setup gateway",
                                "admin passwd",
                                "admin list",
                                "admin import",
                                "admin revoke",
                                "admin export-key",
                                "admin recover-key",
                                "admin backup",
                                "admin restore",
                                "admin rotate-key",
                                "admin accept-clock",
                                "admin check-owners",
                                "admin reinstate"})
        EXPECT_NE(text.find("\n**" + std::string(command) + "**"), std::string::npos) << command;
    for (int code = 0; code <= static_cast<int>(ExitCode::Unreachable); ++code)
        EXPECT_NE(text.find("\n**" + std::to_string(code) + "**"), std::string::npos) << code;
    for (const ExitCode code : {ExitCode::CannotRun, ExitCode::NoCommand})
        EXPECT_NE(text.find("**" + std::to_string(static_cast<int>(code)) + "**"),
                  std::string::npos);
}

}  // namespace
}  // namespace patd::cli
