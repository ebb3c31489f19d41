// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The real program against a line socket that the test answers, alone and under the real git.
#include "common/base/limits.h"
#include "tests/support/process.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace patd {
namespace {

using support::ProcessOptions;
using support::ProcessResult;
using support::run_process;
using support::ScriptedLineServer;
using Script = ScriptedLineServer::Script;

const std::string kInput = "protocol=https\nhost=git.example\n";
const std::string kAnswer = "username=alice\npassword=not-a-real-secret\n";

class GitCredentialPat : public testing::Test {
  protected:
    void answer_with(Script script) {
        server_.emplace(directory_.file("socket"), std::move(script));
    }
    void answer_with(const std::string& text) { answer_with(ScriptedLineServer::reply(text)); }

    ProcessResult run(const std::vector<std::string>& arguments, const std::string& input = kInput,
                      std::array<bool, 3> closed = {}) const {
        ProcessOptions options;
        options.arguments = {PATD_TEST_HELPER};
        options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
        options.directory = directory_.path();
        options.input = input;
        options.closed = closed;
        return run_process(options);
    }

    // `git credential fill` with this helper by its absolute path and no other.
    ProcessResult git_credential_fill(const std::string& input) const {
        ProcessOptions options;
        options.arguments = {
            "git",        "-c",  "credential.helper=", "-c", "credential.helper=" PATD_TEST_HELPER,
            "credential", "fill"};
        options.environment = {"PATH=/usr/bin:/bin",    "HOME=" + directory_.path().string(),
                               "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=/",
                               "GIT_ASKPASS=",          "GIT_TERMINAL_PROMPT=0"};
        options.directory = directory_.path();
        options.input = input;
        return run_process(options);
    }

    std::vector<std::string> requests() const { return server_->requests(); }

    support::TemporaryDirectory directory_;
    std::optional<ScriptedLineServer> server_;
};

TEST_F(GitCredentialPat, RelaysTheRequestAndPrintsTheAnswer) {
    answer_with(kAnswer + "\n");
    const ProcessResult result = run({"get"});
    EXPECT_EQ(result.output, kAnswer + "\n");
    EXPECT_EQ(result.errors, "");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(requests(), std::vector<std::string>{"patd=1\nop=get\n" + kInput + "\n"});
}

TEST_F(GitCredentialPat, AsksForWhatItsOptionsName) {
    answer_with(kAnswer + "\n");
    EXPECT_EQ(run({"--permission", "vcs:repository:ro", "--ttl", "5m", "get"}).output,
              kAnswer + "\n");
    EXPECT_EQ(requests().back(),
              "patd=1\nop=get\npermission=vcs:repository:ro\nttl=300\n" + kInput + "\n");
    // git gives the same options to every verb; only a get is narrowed.
    for (const std::string verb : {"store", "erase"}) {
        run({"--permission", "vcs:repository:ro", "--ttl", "5m", verb}, kInput + kAnswer);
        EXPECT_EQ(requests().back(), "patd=1\nop=" + verb + "\n" + kInput + kAnswer + "\n");
    }
}

// Neither the command line nor the input wins: the request is refused.
TEST_F(GitCredentialPat, RefusesAnAttributeThatTheInputSaysToo) {
    answer_with(kAnswer + "\n");
    for (const std::string more : {"permission=vcs\n", "ttl=3600\n"}) {
        const ProcessResult result =
            run({"--permission", "vcs:repository:ro", "--ttl", "5m", "get"}, kInput + more);
        EXPECT_EQ(result.output, "");
        EXPECT_TRUE(result.errors.starts_with("git-credential-pat: The request violates"));
    }
    for (const std::string& request : requests())
        EXPECT_EQ(request, "");
    EXPECT_EQ(run({"get"}, kInput + "ttl=300\n").output, kAnswer + "\n");
}

TEST_F(GitCredentialPat, ConnectsToNobodyWithAnOptionThatIsWrong) {
    answer_with(kAnswer + "\n");
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--ttl", "soon", "get"}, {"--permission", "VCS", "get"}}) {
        const ProcessResult result = run(arguments);
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.errors.find(arguments[0] + " takes"), std::string::npos);
        EXPECT_EQ(result.status, 2);
    }
    EXPECT_TRUE(requests().empty());
}

TEST_F(GitCredentialPat, PrintsNothingWhenNoTokenMatches) {
    answer_with("\n");
    const ProcessResult result = run({"get"});
    EXPECT_EQ(result.output + result.errors, "");
    EXPECT_EQ(result.status, 0);
}

TEST_F(GitCredentialPat, StoreAndEraseSendTheSecretAndPrintNothing) {
    answer_with(kAnswer + "\n");
    for (const std::string verb : {"store", "erase"}) {
        const ProcessResult result = run({verb}, kInput + kAnswer);
        EXPECT_EQ(result.output + result.errors, "");
        EXPECT_EQ(result.status, 0);
        EXPECT_EQ(requests().back(), "patd=1\nop=" + verb + "\n" + kInput + kAnswer + "\n");
    }
}

TEST_F(GitCredentialPat, PrintsWhatPatdCanDo) {
    answer_with("version=0\ncapability[]=authtype\n\n");
    const ProcessResult result = run({"capability"}, "");
    EXPECT_EQ(result.output, "version 0\ncapability authtype\n");
    EXPECT_EQ(result.status, 0);
}

TEST_F(GitCredentialPat, PrintsARefusalOnStandardErrorAndStopsGit) {
    answer_with("error=Locked\ntext=Your tokens are locked; run 'patctl unlock'.\nquit=1\n\n");
    const ProcessResult result = run({"get"});
    EXPECT_EQ(result.output, "quit=1\n");
    EXPECT_EQ(result.errors, "git-credential-pat: Your tokens are locked; run 'patctl unlock'.\n");
    EXPECT_EQ(result.status, 0);
}

// Row C3.
TEST_F(GitCredentialPat, RefusesMalformedInputAndSendsPatdNothingOfIt) {
    answer_with(kAnswer + "\n");
    const std::string nul("protocol=https\nhost=git\0.example\n", 33);
    for (const std::string& input :
         {std::string(), std::string("protocol=https\n"), std::string("protocol=https\nhost=\n"),
          kInput + "host=evil.example\n", kInput + "path=a\r\n", kInput + "x\n", nul,
          "op=verify\n" + kInput, kInput + "path=" + std::string(limits::kLineBytes, 'x') + "\n"}) {
        for (const char* verb : {"get", "store", "erase"}) {
            const ProcessResult result = run({verb}, input);
            EXPECT_EQ(result.output, "") << input;
            EXPECT_TRUE(result.errors.starts_with("git-credential-pat: ")) << input;
            EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << input;
            EXPECT_EQ(result.status, 0) << input;
        }
    }
    for (const std::string& request : requests())
        EXPECT_EQ(request, "");
}

TEST_F(GitCredentialPat, NamesTheFixWhenNoDaemonListens) {
    for (const char* verb : {"get", "store", "erase", "capability"}) {
        const ProcessResult result = run({verb});
        EXPECT_EQ(result.output, "");
        EXPECT_NE(result.errors.find("'patctl doctor'"), std::string::npos);
        EXPECT_EQ(result.status, 1);
    }
}

TEST_F(GitCredentialPat, PrintsNothingOfAReplyThatBreaksTheFormat) {
    for (const char* reply :
         {"garbage\n\n", "password=x\n", "username=a\npassword=x\r\n\n", "a=1\na=2\n\n", ""}) {
        server_.reset();
        std::filesystem::remove(directory_.file("socket"));
        answer_with(reply);
        const ProcessResult result = run({"get"});
        EXPECT_EQ(result.output, "") << reply;
        EXPECT_TRUE(result.errors.starts_with("git-credential-pat: ")) << reply;
    }
}

TEST_F(GitCredentialPat, GivesUpOnADaemonThatNeverAnswers) {
    answer_with(ScriptedLineServer::silence());
    const ProcessResult result = run({"get"});
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.errors.find("does not answer"), std::string::npos);
    EXPECT_EQ(result.status, 1);
}

TEST_F(GitCredentialPat, IgnoresVerbsOfLaterVersionsOfGit) {
    const ProcessResult result = run({"frobnicate"});
    EXPECT_EQ(result.output + result.errors, "");
    EXPECT_EQ(result.status, 0);
}

TEST_F(GitCredentialPat, PrintsItsUsage) {
    EXPECT_TRUE(run({}).errors.starts_with("usage: "));
    EXPECT_EQ(run({}).status, 2);
    EXPECT_TRUE(run({"--help"}).output.starts_with("usage: "));
    EXPECT_TRUE(run({"--version"}).output.starts_with("git-credential-pat "));
}

// Row C15. A socket must never take the number of a closed stream: no secret goes to the wrong
// place, and nothing of the daemon's is read as input.
TEST_F(GitCredentialPat, SurvivesEveryCombinationOfClosedStreams) {
    answer_with(kAnswer + "\n");
    for (int combination = 0; combination < 8; ++combination) {
        const std::array<bool, 3> closed = {(combination & 1) != 0, (combination & 2) != 0,
                                            (combination & 4) != 0};
        const ProcessResult result = run({"get"}, kInput, closed);
        EXPECT_EQ(result.status, 0) << combination;
        EXPECT_EQ(result.output, closed[0] || closed[1] ? "" : kAnswer + "\n") << combination;
        for (const std::string& request : requests())
            EXPECT_TRUE(request.empty() || request == "patd=1\nop=get\n" + kInput + "\n");
    }
}

TEST_F(GitCredentialPat, EndsWithoutASignalWhenNobodyReadsTheAnswer) {
    answer_with(kAnswer + "\n");
    ProcessOptions options;
    options.arguments = {"/bin/sh", "-c",
                         "exec 3>&1; { " PATD_TEST_HELPER " get; echo $? >&3; } | exec 1>&-"};
    options.directory = directory_.path();
    options.input = kInput;
    const ProcessResult result = run_process(options);
    EXPECT_TRUE(result.output == "1\n" || result.output == "0\n") << result.output;
}

// What the output could not take is the output's fault, and said as that alone.
TEST_F(GitCredentialPat, SaysThatItsOutputCannotBeWritten) {
    answer_with(kAnswer + "\n");
    for (const char* command : {" get", " --help", " --version", " capability"}) {
        ProcessOptions options;
        options.arguments = {"/bin/sh", "-c",
                             PATD_TEST_HELPER + std::string(command) + " >/dev/full"};
        options.directory = directory_.path();
        options.input = kInput;
        const ProcessResult result = run_process(options);
        EXPECT_EQ(result.status, 1) << command;
        EXPECT_EQ(result.errors,
                  "git-credential-pat: the output cannot be written: No space left on device\n")
            << command;
    }
}

// Row C10: a secret is not shown to whoever looks at the screen.
class GitCredentialPatOnATerminal : public GitCredentialPat {
  protected:
    // What came on the terminal, and the exit status.
    std::pair<std::string, int> run_on_terminal(const std::string& arguments) {
        int master = -1;
        const pid_t child = ::forkpty(&master, nullptr, nullptr, nullptr);
        if (child == 0) {
            const std::string line = "printf 'protocol=https\\nhost=git.example\\n' | " +
                                     std::string(PATD_TEST_HELPER " ") + arguments;
            if (::chdir(directory_.path().c_str()) == 0)
                ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
            ::_exit(127);
        }
        const UniqueFd terminal(master);
        std::string screen;
        char bytes[256];
        for (ssize_t got = 1; got > 0; screen.append(bytes, static_cast<std::size_t>(got)))
            got = std::max<ssize_t>(::read(terminal.get(), bytes, sizeof(bytes)), 0);
        int status = 0;
        ::waitpid(child, &status, 0);
        return {screen, WEXITSTATUS(status)};
    }
};

TEST_F(GitCredentialPatOnATerminal, RefusesToShowASecret) {
    answer_with(kAnswer + "\n");
    const auto [screen, status] = run_on_terminal("get");
    EXPECT_NE(screen.find("--show"), std::string::npos) << screen;
    EXPECT_EQ(screen.find("not-a-real-secret"), std::string::npos);
    EXPECT_EQ(status, 1);
    EXPECT_TRUE(requests().empty());
}

TEST_F(GitCredentialPatOnATerminal, ShowsASecretWhenAsked) {
    answer_with(kAnswer + "\n");
    const auto [screen, status] = run_on_terminal("--show get");
    EXPECT_NE(screen.find("password=not-a-real-secret"), std::string::npos) << screen;
    EXPECT_EQ(status, 0);
}

// Row C11: as long as it holds a secret, the helper is not to be looked into by the same uid.
// The kernel gives the /proc files of such a process to root.
TEST_F(GitCredentialPat, IsNotDumpable) {
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
    constexpr uid_t kStranger = 65534;
    std::optional<uid_t> owner;
    answer_with([&owner](int connection) {
        ucred peer{};
        socklen_t length = sizeof(peer);
        struct stat status {};
        if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
            ::stat(("/proc/" + std::to_string(peer.pid) + "/environ").c_str(), &status) == 0)
            owner = status.st_uid;
        ScriptedLineServer::reply("\n")(connection);
    });
    ASSERT_EQ(::chmod(directory_.file("socket").c_str(), 0777), 0);
    // The checkout may lie where a stranger cannot go.
    const UniqueFd helper(::open(PATD_TEST_HELPER, O_PATH | O_CLOEXEC));
    std::string name = "git-credential-pat";
    std::string verb = "get";
    const std::array<char*, 3> argv{name.data(), verb.data(), nullptr};
    const pid_t child = ::fork();
    if (child == 0) {
        const UniqueFd input = support::detail::filled_pipe(kInput);
        if (::chdir(directory_.path().c_str()) == 0 && ::dup2(input.get(), 0) == 0 &&
            ::setuid(kStranger) == 0)
            ::fexecve(helper.get(), argv.data(), environ);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(WEXITSTATUS(status), 0) << "run as root";
    EXPECT_EQ(owner, std::optional<uid_t>(0));
}

TEST_F(GitCredentialPat, AnswersTheRealGit) {
    answer_with("username=alice\npassword=not-a-real-secret\npassword_expiry_utc=4000000000\n\n");
    const ProcessResult result = git_credential_fill("url=https://git.example/group/project.git\n");
    // git 2.40 and later repeat the expiry.
    const std::regex expiry("password_expiry_utc=4000000000\n");
    EXPECT_EQ(std::regex_replace(result.output, expiry, ""), kInput + kAnswer) << result.errors;
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(requests(), std::vector<std::string>{"patd=1\nop=get\n" + kInput + "\n"});
}

TEST_F(GitCredentialPat, StopsTheRealGitBeforeAPrompt) {
    answer_with("error=Locked\ntext=Your tokens are locked.\nquit=1\n\n");
    const ProcessResult result = git_credential_fill("url=https://git.example/\n");
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.errors.find("Your tokens are locked."), std::string::npos);
    EXPECT_NE(result.errors.find("told us to quit"), std::string::npos);
    EXPECT_EQ(result.status, 128);
}

// Rows C1 and C3 end to end: what Debian's git 2.39 makes of a hostile URL never reaches patd.
TEST_F(GitCredentialPat, GetsNothingForTheHostileUrlsThatTheRealGitLetsThrough) {
    answer_with(kAnswer + "\n");
    for (const char* url :
         {"https://git.example%0d/x", "https://git.example%0dhost=evil.example/x", "https:///x",
          "https://git.example%0ahost=evil.example/", "https://a%0aprotocol=https@git.example/",
          "https://@/x", "https://?x", "https://#x", "https://git.example%0a/", "https://"}) {
        const ProcessResult result = git_credential_fill("url=" + std::string(url) + "\n");
        EXPECT_EQ(result.output, "") << url;
        EXPECT_NE(result.status, 0) << url;
    }
    for (const std::string& request : requests())
        EXPECT_EQ(request, "") << "a connection without a request";
}

// Row C3.
// git dies at the bad user name, but the helper has got the lines before it: what is asked for is
// the host that the URL names, and nobody reads the answer.
TEST_F(GitCredentialPat, AsksForNoOtherHostWhenTheRealGitDiesInTheMiddle) {
    answer_with(kAnswer + "\n");
    const ProcessResult result = git_credential_fill("url=https://%0d@git.example/\n");
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.status, 0);
    for (const std::string& request : requests())
        EXPECT_TRUE(request.empty() || request == "patd=1\nop=get\n" + kInput + "\n") << request;
}

// An ELF file without an interpreter and without needed libraries has nothing to load at start.
TEST_F(GitCredentialPat, IsStaticInARelease) {
    std::ifstream file(PATD_HELPER, std::ios::binary);
    Elf64_Ehdr header{};
    file.read(reinterpret_cast<char*>(&header), sizeof(header));
    ASSERT_TRUE(file.good());
    bool has_interpreter = false;
    for (int i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment{};
        file.seekg(static_cast<std::streamoff>(header.e_phoff) + i * header.e_phentsize);
        file.read(reinterpret_cast<char*>(&segment), sizeof(segment));
        ASSERT_TRUE(file.good());
        has_interpreter = has_interpreter || segment.p_type == PT_INTERP;
    }
    EXPECT_EQ(has_interpreter, !PATD_HELPER_IS_STATIC);
    if (PATD_HELPER_IS_STATIC) {
        EXPECT_EQ(header.e_type, ET_DYN) << "position-independent: its addresses are random";
    }
}

}  // namespace
}  // namespace patd
