// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary some_dead_token() {
    return dictionary({{"id", kSomeId},
                       {"user", "alice"},
                       {"description", "laptop"},
                       {"cause", "deleted"},
                       {"died", std::int64_t{kNow}}});
}

client::Dictionary result_of(bool done) {
    return dictionary({{"done", done},
                       {"restored", std::uint32_t{3}},
                       {"present", std::uint32_t{2}},
                       {"revived", std::uint32_t{0}},
                       {"damaged", std::uint32_t{0}}});
}

class AdminBackupTest : public ::testing::Test {
  protected:
    static std::string read_file(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    void make_backup() { std::ofstream(path_) << "a backup"; }

    support::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("backup");
};

TEST_F(AdminBackupTest, WritesANewFileForRootAlone) {
    Patctl patctl({.secret = "bytes", .result = dictionary({{"tokens", std::uint32_t{7}}})});
    const Ran ran = patctl.run({"admin", "backup", path_});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("holds 7 tokens"), std::string::npos);
    EXPECT_EQ(read_file(path_), "bytes");
    struct stat status {};
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(patctl.run({"admin", "backup", path_}).code, ExitCode::Failure);
    EXPECT_EQ(patctl.service.calls().size(), 1U);
}

TEST_F(AdminBackupTest, GoesThroughAPipe) {
    Patctl patctl({.secret = "bytes", .result = dictionary({{"tokens", std::uint32_t{7}}})});
    const Ran ran = patctl.run({"admin", "backup", "-"});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(ran.out, "bytes");
    EXPECT_NE(ran.err.find("holds 7 tokens"), std::string::npos) << ran.err;
    Patctl json({.secret = "bytes", .result = dictionary({{"tokens", std::uint32_t{7}}})});
    const Ran apart = json.run({"admin", "backup", "-", "--json"});
    EXPECT_EQ(apart.out, "bytes");
    EXPECT_NE(apart.err.find("\"tokens\":7"), std::string::npos) << apart.err;
    const Scratch other;
    Patctl again({.secret = "bytes"});
    EXPECT_EQ(again.run({"admin", "backup", "--output-fd", std::to_string(other.fd())}).code,
              ExitCode::Success);
    EXPECT_EQ(other.content(), "bytes");
    EXPECT_FALSE(std::filesystem::exists("-"));
    EXPECT_EQ(Patctl().run({"admin", "backup"}).code, ExitCode::Usage);
}

TEST_F(AdminBackupTest, DoesNotGoToATerminal) {
    Person person({});
    Patctl patctl({.secret = "bytes"});
    patctl.person = &person;
    patctl.output_is_terminal = true;
    EXPECT_EQ(patctl.run({"admin", "backup", "-"}).code, ExitCode::Usage);
    EXPECT_TRUE(patctl.service.calls().empty());
}

TEST_F(AdminBackupTest, ComesFromAPipe) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd reading(ends[0]);
    {
        const UniqueFd writing(ends[1]);
        ASSERT_EQ(write(writing.get(), "a backup", 8), 8);
    }
    Patctl patctl({.result = result_of(true)});
    patctl.input = reading.get();
    EXPECT_EQ(patctl.run({"admin", "restore", "-"}).code, ExitCode::Success);
    EXPECT_EQ(patctl.service.calls().front().content, "a backup");
}

// A machine that was started before the key of the lost one was put into place.
TEST_F(AdminBackupTest, SaysWhatANewMachineLacks) {
    make_backup();
    const std::map<std::string, std::string> foreign{
        {"Restore", "org.patd.Tokens1.Error.ForeignBackup"}};
    Patctl empty({.errors = foreign, .status = dictionary({{"tokens-all", std::uint32_t{0}}})});
    const Ran ran = empty.run({"admin", "restore", path_});
    EXPECT_EQ(ran.code, ExitCode::Failure);
    EXPECT_TRUE(
        ran.err.ends_with("; run:\n    sudo patctl admin recover-key RECOVERY-FILE --install "
                          "--new-store\n    sudo patctl admin restore '" +
                          path_ + "'\n"))
        << ran.err;
    const Scratch input("no backup");
    Patctl piped({.errors = foreign, .status = dictionary({{"tokens-all", std::uint32_t{0}}})});
    piped.input = input.fd();
    EXPECT_TRUE(piped.run({"admin", "restore", "-"}).err.ends_with(" restore BACKUP\n"));
    Patctl used({.errors = foreign, .status = dictionary({{"tokens-all", std::uint32_t{2}}})});
    EXPECT_EQ(used.run({"admin", "restore", path_}).err.find("--new-store"), std::string::npos);
}

TEST_F(AdminBackupTest, LeavesNoHalfBackup) {
    Patctl patctl({.errors = {{"Backup", "org.patd.Tokens1.Error.Unavailable"}}});
    EXPECT_EQ(patctl.run({"admin", "backup", path_}).code, ExitCode::Unreachable);
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AdminBackupTest, SaysWhatWouldLiveAgainAndRefuses) {
    make_backup();
    Patctl patctl({.result = result_of(false), .candidates = {some_dead_token()}});
    const Ran ran = patctl.run({"admin", "restore", path_});
    EXPECT_EQ(ran.code, ExitCode::Refused);
    EXPECT_NE(ran.out.find("alice  AbCdE01234  laptop"), std::string::npos) << ran.out;
    const std::string again = "    sudo patctl admin restore '" + path_ + "' ";
    EXPECT_NE(ran.err.find(again + "--keep-dead\n"), std::string::npos) << ran.err;
    EXPECT_TRUE(ran.err.ends_with(again + "--accept-rollback AbCdE01234\n")) << ran.err;
    EXPECT_TRUE(patctl.service.calls().front().options.empty());
    EXPECT_EQ(patctl.service.calls().front().content, "a backup");
    Patctl other({.result = result_of(false), .candidates = {some_dead_token()}});
    EXPECT_NE(other.run({"admin", "restore", path_, "--json"}).out.find("\"dead\""),
              std::string::npos);
}

TEST_F(AdminBackupTest, PassesOnWhoIsToLiveAgain) {
    make_backup();
    Patctl patctl({.result = result_of(true), .candidates = {some_dead_token()}});
    const Ran ran =
        patctl.run({"admin", "restore", path_, "--accept-rollback", kSomeId, "--keep-dead"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_TRUE(ran.out.ends_with("3 tokens restored, 2 already present.\n")) << ran.out;
    const client::Dictionary sent = patctl.service.calls().back().options;
    EXPECT_EQ(sent.texts("accept-rollback"), Texts{kSomeId});
    EXPECT_TRUE(sent.flag("keep-dead"));
    EXPECT_EQ(Patctl().run({"admin", "restore", "/no/such/file"}).code, ExitCode::Failure);
}

TEST_F(AdminBackupTest, BringsBackByAnyNameOfAToken) {
    make_backup();
    for (const char* name : {"laptop", "AbCd", kSomeId}) {
        Patctl patctl({.result = result_of(true), .candidates = {some_dead_token()}});
        const Ran ran = patctl.run({"admin", "restore", path_, "--accept-rollback", name});
        EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
        const std::vector<client::Call> calls = patctl.service.calls();
        ASSERT_EQ(calls.size(), 2U);
        EXPECT_TRUE(calls[0].options.flag("dry-run"));
        EXPECT_EQ(calls[1].options.texts("accept-rollback"), Texts{kSomeId});
        EXPECT_EQ(calls[1].content, "a backup");
    }
    Patctl patctl({.result = result_of(false), .candidates = {some_dead_token()}});
    const Ran ran = patctl.run({"admin", "restore", path_, "--accept-rollback", "lapto"});
    EXPECT_EQ(ran.code, ExitCode::NotFound);
    EXPECT_EQ(ran.err,
              "patctl: of those that died since the backup, 'lapto' is no id, beginning of one or "
              "description; did you mean 'laptop'?\n");
}

}  // namespace
}  // namespace patd::cli
