// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/operate.h"

#include "tests/cli/converse/program.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace patd::cli {
namespace {

using Members = std::vector<std::string>;
using nlohmann::json;

constexpr char kOtherId[] = "ZyXwV98765";

// The last message of an operation that asks nothing.
json ended(Program& program, const std::string& line) {
    program.start(line);
    json message = program.hear();
    while (message.value("type", "ended") != "ended")
        message = program.hear();
    program.wait();
    return message;
}

std::string with_id(const std::string& more = "") {
    return std::string(R"({"id":")") + kSomeId + "\"" + more + "}";
}

TEST(Operate, SendsWhatTheArgumentsSay) {
    Program program({.result = dictionary({{"id", kSomeId}})});
    const json message =
        ended(program, begin("create", R"({"description":"laptop","permissions":["vcs","a:b:ro"],)"
                                       R"("targets":["https://git.example"],"expires":"1d",)"
                                       R"("only_units":["a.service"],"confirm":"always"})"));
    EXPECT_EQ(message["outcome"], "done") << message;
    const client::Call call = program.patctl.service.call_of("Create");
    EXPECT_EQ(call.texts, (Members{"laptop", "vcs", "a:b:ro"}));
    EXPECT_EQ(call.options, dictionary({{"targets", Members{"https://git.example"}},
                                        {"only-units", Members{"a.service"}},
                                        {"expires", kNow + 24 * 3600},
                                        {"confirm", "always"}}));
}

TEST(Operate, CarriesOutEachOperation) {
    struct Row {
        std::string line;
        Members members;
        json result;
    };
    const std::string ids = std::string(R"({"ids":[")") + kSomeId + R"(",")" + kOtherId + R"("]})";
    const std::vector<Row> rows = {
        {begin("edit", with_id(R"(,"targets":[])")), {"Update", "Next", "Commit"}, {}},
        {begin("regenerate", with_id(R"(,"expires":"never")")),
         {"Show", "Regenerate", "Next", "Commit"},
         {}},
        {begin("delete", ids),
         {"Delete", "Next", "Commit", "Delete", "Next", "Commit"},
         {{"ids", {kSomeId, kOtherId}}}},
        {begin("remove-all"), {"RemoveAll", "Next", "Commit"}, {}},
        {begin("lock"), {"Lock"}, {{"locked", true}}},
        {begin("unlock"), {"Unlock", "Next", "Commit"}, {}},
        {begin("unlock", with_id(R"(,"for":"10m")")), {"Unlock", "Next", "Commit"}, {}},
        {begin("passwd"), {"SetServicePassword", "Next", "Commit"}, {}},
        {begin("verify", R"({"permission":"vcs","audience":"https://a.example"})"),
         {"Verify", "Next", "Commit"},
         {}},
        {begin("admin-revoke", R"({"user":"root","ids":[")" + std::string(kSomeId) + "\"]}"),
         {"Revoke"},
         {{"ids", {kSomeId}}}},
        {begin("admin-reinstate", with_id(R"(,"user":"root")")), {"Reinstate"}, {{"id", kSomeId}}},
    };
    for (const Row& row : rows) {
        Program program;
        const json message = ended(program, row.line);
        EXPECT_EQ(message["outcome"], "done") << row.line << message;
        EXPECT_EQ(message["result"], row.result.is_null() ? json::object() : row.result);
        EXPECT_EQ(program.patctl.service.members(), row.members) << row.line;
    }
}

// ADR 0038: all parts of a key are replaced together, and a prompt asks for one text.
TEST(Operate, ReplacesNoKeyOfSeveralParts) {
    Program program({.prompts = {{"token-secret", "Secret: "}},
                     .tokens = {dictionary({{"id", kSomeId}, {"secret-kind", "aws"}})}});
    const json message = ended(program, begin("regenerate", with_id()));
    EXPECT_EQ(message["outcome"], "refused") << message;
    EXPECT_EQ(message["errors"][0]["name"], "org.patd.Tokens1.Error.SeveralParts");
    EXPECT_EQ(message["errors"][0]["fix"], std::string("Run: patctl regenerate ") + kSomeId + ".");
    EXPECT_EQ(message["errors"][0]["field"], "id");
    EXPECT_EQ(program.patctl.service.members(), Members{"Show"});
}

TEST(Operate, AsksOnceForThePasswordOfSeveral) {
    Program program({.prompts = {{"secret", "Password: "}}});
    program.start(begin("delete", std::string(R"({"ids":[")") + kSomeId + "\"]}"));
    EXPECT_EQ(program.hear()["style"], "secret");
    program.say(answer(1, "swordfish"));
    EXPECT_EQ(program.hear()["type"], "commit");
    EXPECT_EQ(program.hear()["result"]["ids"].size(), 1U);
}

TEST(Operate, TriesWithoutChangingAnything) {
    for (const std::string& line :
         {begin("create", kLaptop, R"(,"dry_run":true)"),
          begin("edit", with_id(R"(,"description":"x")"), R"(,"dry_run":true)")}) {
        Program program({.prompts = {{"secret", "Password: "}}});
        EXPECT_EQ(ended(program, line)["outcome"], "done");
        EXPECT_EQ(program.patctl.service.members().back(), "Cancel");
        EXPECT_EQ(program.patctl.service.members().size(), 2U);
    }
}

TEST(Operate, SaysAllFaultsBeforeTheServiceIsAsked) {
    Program program;
    const json message =
        ended(program, begin("create", R"({"description":"","permissions":["vcs","X"]})"));
    ASSERT_EQ(message["errors"].size(), 2U) << message;
    EXPECT_EQ(message["errors"][0]["field"], "description");
    EXPECT_EQ(message["errors"][1]["field"], "permissions");
    EXPECT_EQ(message["errors"][1]["item"], 1);
    EXPECT_EQ(program.patctl.service.members(), Members());
}

TEST(Operate, SaysWhichPermissionTheCatalogueLacks) {
    Program program({.errors = {{"Create", "org.patd.Tokens1.Error.UnknownPermission"}},
                     .permissions = {dictionary({{"area", "vcs"},
                                                 {"object", "repository"},
                                                 {"access", Members{"ro", "rw"}},
                                                 {"description", "Repositories"}})}});
    const json message =
        ended(program, begin("create", R"({"description":"a","permissions":["vcs:repository:ro",)"
                                       R"("vcs:repositry:ro"]})"));
    ASSERT_EQ(message["errors"].size(), 1U) << message;
    EXPECT_EQ(message["errors"][0]["item"], 1);
    EXPECT_EQ(message["errors"][0]["fix"], "Did you mean vcs:repository:ro?");
}

TEST(Operate, NamesTheFieldOfWhatTheServiceRefuses) {
    struct Row {
        std::string line;
        std::string member;
        std::string error;
        json field;
    };
    const std::string id = std::string(R"({"ids":[")") + kSomeId + "\"]}";
    const std::vector<Row> rows = {
        {begin("edit", with_id(R"(,"expires":"9y")")), "Update", "InvalidExpiry", "expires"},
        {begin("edit", with_id(R"(,"description":"x")")), "Update", "NotFound", "id"},
        {begin("edit", with_id(R"(,"description":"x")")), "Update", "InvalidTarget", nullptr},
        {begin("delete", id), "Delete", "NotFound", "ids"},
        {begin("unlock", with_id(R"(,"for":"8h")")), "Unlock", "InvalidExpiry", "for"},
        {begin("create", kLaptop), "Create", "LimitExceeded", nullptr},
    };
    for (const Row& row : rows) {
        Program program({.errors = {{row.member, "org.patd.Tokens1.Error." + row.error}}});
        const json message = ended(program, row.line);
        EXPECT_EQ(message["outcome"], "refused");
        EXPECT_EQ(message["errors"][0]["name"], "org.patd.Tokens1.Error." + row.error);
        EXPECT_EQ(message["errors"][0]["field"], row.field) << row.line;
    }
}

TEST(Operate, RefusesArgumentsThatCannotBe) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {begin("edit", with_id()), "MalformedRequest"},
        {begin("edit", R"({"id":"laptop","description":"x"})"), "NotFound"},
        {begin("delete", R"({"ids":[]})"), "MalformedRequest"},
        {begin("unlock", R"({"for":"5m"})"), "MalformedRequest"},
        {begin("unlock", with_id(R"(,"for":"9h")")), "InvalidExpiry"},
        {begin("import", R"({"file":".netrc"})"), "BadFile"},
        {begin("import", R"({"file":"/nonexistent/x"})"), "BadFile"},
        {begin("import", R"({"file":"/dev/null","format":"csv"})"), "MalformedRequest"},
        {begin("verify", R"({"audience":"https://a.example/path"})"), "InvalidTarget"},
        {begin("admin-revoke", R"({"user":"no such","ids":["AbCdE01234"]})"), "InvalidUsername"},
    };
    for (const auto& [line, name] : rows) {
        Program program;
        const json message = ended(program, line);
        EXPECT_EQ(message["outcome"], "refused") << line;
        EXPECT_EQ(message["errors"][0]["name"], "org.patd.Tokens1.Error." + name)
            << line << message;
    }
}

// Opening a pipe waits for its other end, and no cancellation would end that.
TEST(Operate, WaitsForNoPipe) {
    const support::TemporaryDirectory directory;
    ASSERT_EQ(mkfifo(directory.file("pipe").c_str(), 0600), 0);
    Program program;
    const json message =
        ended(program, begin("import", R"({"file":")" + directory.file("pipe") + "\"}"));
    EXPECT_EQ(message["errors"][0]["name"], "org.patd.Tokens1.Error.BadFile") << message;
    EXPECT_EQ(message["errors"][0]["field"], "file");
}

TEST(Operate, TakesEveryFormatThatImportTakes) {
    const Scratch file(R"({"auths":{"a.example":{"auth":"YWxpY2U6c2VjcmV0"}}})");
    const std::string path = "/proc/self/fd/" + std::to_string(file.fd());
    Program program({.status = dictionary({{"tokens-max", std::uint32_t{1000}}})});
    const json message = ended(
        program,
        begin("import", R"({"file":")" + path + R"(","format":"docker"})", R"(,"dry_run":true)"));
    ASSERT_EQ(message["outcome"], "done") << message;
    EXPECT_EQ(message["result"]["lines"].size(), 1U);
    Program other;
    const json refused = ended(other, begin("import", R"({"file":"/dev/null","format":"csv"})"));
    EXPECT_NE(refused["errors"][0]["message"].get<std::string>().find("docker"), std::string::npos);
    EXPECT_EQ(refused["errors"][0]["field"], "format");
}

TEST(Operate, ImportsAFile) {
    const Scratch file("https://alice:secret-one@a.example\nhttps://b:secret-two@b.example\n");
    const std::string path = "/proc/self/fd/" + std::to_string(file.fd());
    for (const bool dry : {true, false}) {
        Program program({.result = dictionary({{"ids", Members{kSomeId, kOtherId}}}),
                         .status = dictionary({{"tokens-max", std::uint32_t{1000}}})});
        const json message = ended(program, begin("import", R"({"file":")" + path + "\"}",
                                                  dry ? R"(,"dry_run":true)" : ""));
        ASSERT_EQ(message["outcome"], "done") << message;
        const json& lines = message["result"]["lines"];
        ASSERT_EQ(lines.size(), 2U);
        EXPECT_EQ(lines[0]["targets"], json::array({"https://a.example"}));
        EXPECT_EQ(lines[0].contains("id"), !dry);
        EXPECT_EQ(message.dump().find("secret-"), std::string::npos);
    }
}

TEST(Operate, ImportsAFileForTheGateway) {
    const Scratch file("https://alice:secret-one@a.example\nhttp://b:secret-two@localhost\n");
    const std::string path = "/proc/self/fd/" + std::to_string(file.fd());
    const auto import = [&](const char* more, const std::string& gateway, const char* beside = "") {
        client::Script script{.result = dictionary({{"ids", Members{kSomeId}}}),
                              .status = dictionary({{"tokens-max", std::uint32_t{1000}}})};
        if (!gateway.empty())
            script.status.set("gateway", gateway);
        Program program(script);
        return ended(program,
                     begin("import", R"({"file":")" + path + R"(",)" + more + "}", beside));
    };
    const char* all = R"("through_gateway":true,"permissions":["vcs:repository:ro"],"skip":true)";
    const json done = import(all, "http://127.0.0.1:9200");
    ASSERT_EQ(done["outcome"], "done") << done;
    EXPECT_EQ(done["result"]["lines"][0]["id"], kSomeId);
    EXPECT_FALSE(done["result"]["lines"][1].contains("id"));
    EXPECT_EQ(import(all, "", R"(,"dry_run":true)")["errors"][0]["field"], "through_gateway");
    EXPECT_EQ(import(R"("through_gateway":true)", "http://127.0.0.1:9200")["errors"][0]["field"],
              "permissions");
}

}  // namespace
}  // namespace patd::cli
