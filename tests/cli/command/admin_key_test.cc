// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/cli/support.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

class AdminKeyTest : public ::testing::Test {
  protected:
    static std::string read_file(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    support::TemporaryDirectory directory_;
    const std::string key_ = "0123456789abcdef0123456789abcdef";
    const std::string page_ = directory_.file("page");
    Patctl patctl_{{.secret = key_}};
};

TEST_F(AdminKeyTest, ARecoveryFileGivesTheKeyBack) {
    const Ran ran = patctl_.run({"admin", "export-key", page_});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl_.service.members(), (Texts{"ExportKey", "ConfirmExport"}));
    EXPECT_EQ(read_file(page_).find(key_), std::string::npos);
    struct stat status {};
    ASSERT_EQ(stat(page_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);

    const std::string key_file = directory_.file("key");
    const Ran back = Patctl().run({"admin", "recover-key", page_, "--output", key_file});
    ASSERT_EQ(back.code, ExitCode::Success) << back.err;
    EXPECT_EQ(read_file(key_file), key_);
    EXPECT_EQ((ran.out + ran.err + back.out + back.err).find(key_), std::string::npos);
}

TEST_F(AdminKeyTest, WritesToADescriptorAndReadsFromStandardInput) {
    const Scratch page;
    const Ran ran = patctl_.run({"admin", "export-key", "--output-fd", std::to_string(page.fd())});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    const Scratch typed(page.content());
    const Scratch key;
    Patctl reader;
    reader.input = typed.fd();
    const Ran back =
        reader.run({"admin", "recover-key", "-", "--output-fd", std::to_string(key.fd())});
    ASSERT_EQ(back.code, ExitCode::Success) << back.err;
    EXPECT_EQ(key.content(), key_);
}

TEST_F(AdminKeyTest, TouchesNoFileThatIsThereAndAsksForNoKeyThen) {
    std::ofstream(page_) << "precious";
    EXPECT_EQ(patctl_.run({"admin", "export-key", page_}).code, ExitCode::Failure);
    EXPECT_TRUE(patctl_.service.calls().empty());
    EXPECT_EQ(read_file(page_), "precious");
    EXPECT_EQ(patctl_.run({"admin", "export-key"}).code, ExitCode::Usage);
}

// What did not reach its place was not exported.
TEST_F(AdminKeyTest, ConfirmsNothingThatWasNotWritten) {
    const Scratch full;
    const UniqueFd read_only(open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_NE(
        patctl_.run({"admin", "export-key", "--output-fd", std::to_string(read_only.get())}).code,
        ExitCode::Success);
    EXPECT_EQ(patctl_.service.members(), Texts{"ExportKey"});
    Patctl refused({.errors = {{"ExportKey", "org.patd.Tokens1.Error.AccessDenied"}}});
    EXPECT_EQ(refused.run({"admin", "export-key", page_}).code, ExitCode::Refused);
    EXPECT_FALSE(std::filesystem::exists(page_));
}

client::Dictionary rotation(bool rotating, std::uint32_t done, const std::string& error = {}) {
    return dictionary({{"rotating", rotating},
                       {"rotation-done", done},
                       {"rotation-total", std::uint32_t{9}},
                       {"rotation-error", error}});
}

TEST_F(AdminKeyTest, WatchesTheExchangeOfTheDataKeyToItsEnd) {
    Patctl patctl(
        {.status = rotation(false, 9), .statuses = {rotation(true, 3), rotation(true, 6)}});
    const Ran ran = patctl.run({"admin", "rotate-key"});
    EXPECT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_NE(ran.out.find("9 records"), std::string::npos);
    EXPECT_EQ(patctl.service.members(), (Texts{"RotateKey", "Status", "Status", "Status"}));
}

TEST_F(AdminKeyTest, SaysWhenTheExchangeStopped) {
    Patctl stopped({.status = rotation(false, 3, "Unavailable")});
    const Ran ran = stopped.run({"admin", "rotate-key"});
    EXPECT_EQ(ran.code, ExitCode::Unreachable);
    EXPECT_NE(ran.err.find("to continue"), std::string::npos) << ran.err;
    const std::map<std::string, std::string> busy{{"RotateKey", "org.patd.Tokens1.Error.Busy"}};
    Patctl waiting({.errors = busy, .status = rotation(false, 0)});
    EXPECT_EQ(waiting.run({"admin", "rotate-key"}).code, ExitCode::Failure);
    Patctl resumed({.errors = busy, .status = rotation(false, 9), .statuses = {rotation(true, 1)}});
    EXPECT_EQ(resumed.run({"admin", "rotate-key"}).code, ExitCode::Success);
}

TEST_F(AdminKeyTest, WritesTheRecoveryFileOfANewMasterKey) {
    const Ran ran = patctl_.run({"admin", "rotate-key", "--master", page_});
    ASSERT_EQ(ran.code, ExitCode::Success) << ran.err;
    EXPECT_EQ(patctl_.service.members(), (Texts{"RotateMasterKey", "ConfirmExport"}));
    const Scratch key;
    ASSERT_EQ(
        Patctl().run({"admin", "recover-key", page_, "--output-fd", std::to_string(key.fd())}).code,
        ExitCode::Success);
    EXPECT_EQ(key.content(), key_);
}

TEST_F(AdminKeyTest, NamesTheLineThatIsMistyped) {
    ASSERT_EQ(patctl_.run({"admin", "export-key", page_}).code, ExitCode::Success);
    std::string text = read_file(page_);
    char& letter = text[text.find("\n3-") + 3];
    letter = letter == 'Z' ? 'Y' : 'Z';
    std::ofstream(page_, std::ios::trunc) << text;
    const std::string key_file = directory_.file("key");
    const Ran ran = Patctl().run({"admin", "recover-key", page_, "--output", key_file});
    EXPECT_EQ(ran.code, ExitCode::Usage);
    EXPECT_NE(ran.err.find("line 3"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(key_file));
    EXPECT_EQ(Patctl().run({"admin", "recover-key", "/no/such/file", "--output", key_file}).code,
              ExitCode::Failure);
}

}  // namespace
}  // namespace patd::cli
