// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The real program under each of its other names, against a line socket that the test answers.
#include "credential_helper/tool.h"

#include "common/base/tool_limits.h"
#include "tests/support/process.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patd {
namespace {

using support::ProcessOptions;
using support::ProcessResult;
using support::run_process;
using support::ScriptedLineServer;

const std::string kSecret = "not-a-real-secret";
const std::string kReply =
    "authtype=Basic\ncredential=eDp5\nusername=alice\npassword=" + kSecret + "\n\n";
const std::string kRefusal = "error=Locked\ntext=It is locked; run 'patctl unlock'.\nquit=1\n\n";
const std::string kCargoInput = R"({"v":1,"registry":{"index-url":"sparse+https://h.example/i/"},)"
                                R"("kind":"get","operation":"read"})"
                                "\n";
const std::string kExecInfo =
    R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":)"
    R"({"server":"https://h.example"}}})";
constexpr char kNone[] = "credentials not found in native keychain\n";

struct Tool {
    std::vector<std::string> command;  // name and arguments
    std::string input = {};
    std::string answer = {};  // what it prints of kReply
    int none_status = 1;
    std::string none_output = {};
    int refused_status = 1;
    std::string refused_output = {};  // {} stands for the sentence
};

const std::vector<Tool>& tools() {
    static const std::vector<Tool> all = {
        {{"pat-get", "https://h.example"}, "", kSecret + "\n"},
        {{"docker-credential-pat", "get"},
         "h.example",
         R"({"ServerURL":"h.example","Username":"alice","Secret":"not-a-real-secret"})"
         "\n",
         1,
         kNone},
        {{"pat-askpass", "Password for 'https://h.example': "}, "", kSecret + "\n"},
        {{"cargo-credential-pat", "--cargo-plugin"},
         kCargoInput,
         "{\"v\":[1]}\n"
         R"({"Ok":{"kind":"get","token":"not-a-real-secret","cache":"session",)"
         R"("operation_independent":false}})"
         "\n",
         0,
         "{\"v\":[1]}\n{\"Err\":{\"kind\":\"not-found\"}}\n",
         0,
         "{\"v\":[1]}\n{\"Err\":{\"kind\":\"other\",\"message\":\"{}\"}}\n"},
        {{"pat-kubectl"},
         "",
         R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
         R"("status":{"token":"not-a-real-secret"}})"
         "\n"},
        {{"pat-aws", "prod"},
         "",
         R"({"Version":1,"AccessKeyId":"alice","SecretAccessKey":"not-a-real-secret"})"
         "\n"},
        {{"pat-keyring", "get", "https://h.example", "alice"}, "", kSecret + "\n"},
        {{"pat-keyring", "--mode=creds", "--output=json", "get", "https://h.example"},
         "",
         R"({"username": "alice", "password": "not-a-real-secret"})"
         "\n"},
        {{"pat-keyring", "get", "https://h.example", "--mode", "creds"},
         "",
         "alice\n" + kSecret + "\n"},
        {{"pat-go", "https://h.example/m?go-get=1"},
         "HTTP/1.1 401 Unauthorized\r\n\r\n",
         "https://h.example/m?go-get=1\n\nAuthorization: Basic eDp5\n\n",
         0},
        {{"terraform-credentials-pat", "get", "h.example"},
         "",
         "{\"token\":\"not-a-real-secret\"}\n",
         0,
         "{}\n"},
        {{"pat-pnpm-h.example"}, "", "Bearer " + kSecret + "\n", 0},
        {{"pat-vault-client", "--vault-id", "prod"}, "", kSecret + "\n", 2},
        {{"pat-bazel", "get"},
         R"({"uri":"https://h.example"})",
         R"({"headers":{"Authorization":["Basic eDp5"]}})"
         "\n",
         0,
         "{\"headers\":{}}\n"},
    };
    return all;
}

class ToolNames : public testing::Test {
  protected:
    void answer_with(const std::string& text) {
        server_.reset();
        std::filesystem::remove(directory_.file("socket"));
        server_.emplace(directory_.file("socket"), ScriptedLineServer::reply(text));
    }

    // Under a link of the tool's name, as a tool starts it.
    ProcessResult run(const Tool& tool) const {
        const std::string link = directory_.file(tool.command.front());
        if (!std::filesystem::is_symlink(link))
            std::filesystem::create_symlink(PATD_TEST_HELPER, link);
        return start(link, {tool.command.begin() + 1, tool.command.end()}, tool.input);
    }
    ProcessResult start(const std::string& program, const std::vector<std::string>& arguments,
                        const std::string& input) const {
        ProcessOptions options;
        options.arguments = {program};
        options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
        options.environment = {"KUBERNETES_EXEC_INFO=" + kExecInfo};
        options.directory = directory_.path();
        options.input = input;
        return run_process(options);
    }

    static void expect_refused(const Tool& tool, const ProcessResult& result,
                               const std::string& sentence) {
        std::string output = tool.refused_output;
        if (const std::size_t at = output.find("{}"); at != std::string::npos)
            output.replace(at, 2, sentence);
        EXPECT_EQ(result.output, output) << tool.command[0];
        EXPECT_EQ(result.status, tool.refused_status) << tool.command[0];
        if (output.empty()) {
            // pnpm's link has a longer name than the program.
            EXPECT_NE(result.errors.find(": " + sentence + "\n"), std::string::npos);
            EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1);
            EXPECT_TRUE(tool.command[0].starts_with(result.errors.substr(0, 6)));
        }
    }

    support::TemporaryDirectory directory_;
    std::optional<ScriptedLineServer> server_;
};

// As each hears every other refusal: ansible takes status 2 for "none", and cargo wants its
// greeting.
TEST_F(ToolNames, RefuseTooManyArgumentsAsEachExpects) {
    for (Tool tool : tools()) {
        tool.command.resize(limits::kToolArguments + 2, "word");
        expect_refused(tool, run(tool), "too many arguments");
    }
}

TEST_F(ToolNames, AnswerEachAsItExpects) {
    answer_with(kReply);
    for (const Tool& tool : tools()) {
        const ProcessResult result = run(tool);
        EXPECT_EQ(result.output, tool.answer) << tool.command[0];
        EXPECT_EQ(result.errors, "") << tool.command[0];
        EXPECT_EQ(result.status, 0) << tool.command[0];
        const std::string request = server_->requests().back();
        EXPECT_TRUE(request.starts_with("patd=1\nop=get\n")) << request;
        EXPECT_NE(request.find("\nurl="), std::string::npos) << request;
        EXPECT_NE(request.find("\ntool="), std::string::npos) << request;
    }
}

TEST_F(ToolNames, SayNoneAsEachTakesIt) {
    answer_with("\n");
    for (const Tool& tool : tools()) {
        const ProcessResult result = run(tool);
        EXPECT_EQ(result.output, tool.none_output) << tool.command[0];
        EXPECT_EQ(result.status, tool.none_status) << tool.command[0];
        EXPECT_LE(std::count(result.errors.begin(), result.errors.end(), '\n'), 1);
    }
}

TEST_F(ToolNames, SayInOneLineWhyATokenIsNotReleased) {
    answer_with(kRefusal);
    for (const Tool& tool : tools())
        expect_refused(tool, run(tool), "It is locked; run 'patctl unlock'.");
}

TEST_F(ToolNames, SayOfAPlaceThatIsNoneWhatItIsToBe) {
    answer_with("error=MalformedRequest\ntext=It violates a format of git's.\n\n");
    for (const Tool& tool : tools())
        expect_refused(tool, run(tool),
                       "what is asked about is no place: it has to be a host as in a URL, such as "
                       "registry.example or registry.example:5000");
}

TEST_F(ToolNames, NameTheFixWhenNoDaemonListensOrItsReplyBreaksTheFormat) {
    for (const char* reply : {"", "garbage\n\n", "password=x\n", "a=1\na=2\n\n"}) {
        if (*reply != '\0')
            answer_with(reply);
        for (const Tool& tool : tools()) {
            if (*reply != '\0' && tool.command[0] != "docker-credential-pat")
                continue;
            const ProcessResult result = run(tool);
            EXPECT_EQ(result.output.find("not-a"), std::string::npos);
            EXPECT_EQ(result.status, tool.refused_status) << tool.command[0];
            EXPECT_FALSE((result.errors + result.output).empty()) << tool.command[0];
        }
    }
}

// Rows C3 and C12: nothing of it reaches patd, and nothing comes on the stream of the secret.
TEST_F(ToolNames, SendNothingOfWhatIsCutOffOrTooLong) {
    answer_with(kReply);
    const std::string longest(limits::kToolInputBytes, 'x');
    const std::string deep = "{\"uri\":" + std::string(60'000, '[');
    for (const Tool& tool : {Tool{{"docker-credential-pat", "get"}, longest},
                             {{"docker-credential-pat", "get"}, ""},
                             {{"docker-credential-pat", "store"}, "{\"ServerURL\":\"h\""},
                             {{"docker-credential-pat", "store"}, "{\"Secret\":\"" + longest},
                             {{"pat-bazel", "get"}, deep},
                             {{"pat-bazel", "get"}, "{\"uri\":\"https://h\xff\"}"},
                             {{"pat-get", "https://h\n"}, ""},
                             {{"pat-get", "h.example"}, ""},
                             {{"pat-keyring", "set", "https://h", "u"}, longest}}) {
        const ProcessResult result = run(tool);
        EXPECT_EQ(result.output, "") << tool.command[0];
        EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1);
        EXPECT_EQ(result.status, 1) << tool.command[0];
    }
    EXPECT_TRUE(server_->requests().empty());
}

TEST_F(ToolNames, AreAFirstArgumentToo) {
    answer_with(kReply);
    const std::string answer = tools()[1].answer;
    EXPECT_EQ(start(PATD_TEST_HELPER, {"docker-credential-pat", "get"}, "h.example").output,
              answer);
    // git's own verbs are no names.
    const ProcessResult git = start(PATD_TEST_HELPER, {"get"}, "protocol=https\nhost=h.example\n");
    EXPECT_EQ(git.output, kReply);
}

TEST_F(ToolNames, StoreAndForget) {
    answer_with("\n");
    const std::string login = R"({"ServerURL":"h.example","Username":"u","Secret":"s"})";
    EXPECT_EQ(run({{"docker-credential-pat", "store"}, login + "\n"}).status, 0);
    EXPECT_EQ(server_->requests().back(),
              "patd=1\nop=store\nurl=https://h.example\nusername=u\npassword=s\ntool=docker\n\n");
    EXPECT_EQ(run({{"docker-credential-pat", "erase"}, "h.example"}).status, 0);
    EXPECT_EQ(server_->requests().back(),
              "patd=1\nop=erase\nurl=https://h.example\ntool=docker\n\n");
    answer_with(kRefusal);
    const ProcessResult refused = run({{"docker-credential-pat", "store"}, login});
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.output, "");
}

}  // namespace
}  // namespace patd
