// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/master_key.h"

#include "common/base/names.h"
#include "tests/daemon/store/store_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace patd::store::test {
namespace {

class MasterKeyTest : public ::testing::Test {
  protected:
    void SetUp() override { unsetenv("CREDENTIALS_DIRECTORY"); }
    void TearDown() override { unsetenv("CREDENTIALS_DIRECTORY"); }

    std::string write_key(const std::string& name, std::string_view bytes, mode_t mode = 0600) {
        std::string path = directory_.file(name);
        write_file(path, bytes);
        if (chmod(path.c_str(), mode) != 0)
            throw std::runtime_error("chmod");
        return path;
    }
    void give_credentials() { setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1); }

    support::TemporaryDirectory directory_;
    const std::string key_ = std::string(31, 'k') + '\0';
};

TEST_F(MasterKeyTest, IsRead) {
    EXPECT_EQ(text_of(load_master_key(write_key("key", key_)).value().reveal()), key_);
    EXPECT_TRUE(load_master_key(write_key("key", key_, 0400)));
}

// Row S6.
TEST_F(MasterKeyTest, IsExactly32BytesLong) {
    for (const std::size_t size : {0U, 1U, 31U, 33U, 64U, 100000U})
        EXPECT_EQ(load_master_key(write_key("key", std::string(size, 'k'))).error().code,
                  Errc::Corrupt);
}

// Row S6.
TEST_F(MasterKeyTest, MustBeClosedToGroupAndOthers) {
    for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U})
        EXPECT_EQ(load_master_key(write_key("key", key_, mode)).error().code, Errc::AccessDenied);
}

TEST_F(MasterKeyTest, MustBelongToRootOrThisUid) {
    ASSERT_EQ(geteuid(), 0U) << "only root can give a file to somebody else";
    const std::string path = write_key("key", key_);
    ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
    EXPECT_EQ(load_master_key(path).error().code, Errc::AccessDenied);
}

TEST_F(MasterKeyTest, MustBeARegularFile) {
    const std::string path = write_key("key", key_);
    std::filesystem::create_symlink(path, directory_.file("link"));
    EXPECT_EQ(load_master_key(directory_.file("link")).error().code, Errc::AccessDenied);
    EXPECT_EQ(load_master_key(directory_.path()).error().code, Errc::AccessDenied);
    EXPECT_EQ(load_master_key("/dev/zero").error().code, Errc::AccessDenied);
    ASSERT_EQ(mkfifo(directory_.file("fifo").c_str(), 0600), 0);
    EXPECT_EQ(load_master_key(directory_.file("fifo")).error().code, Errc::AccessDenied);
}

TEST_F(MasterKeyTest, IsNotFoundWhenThereIsNone) {
    EXPECT_EQ(load_master_key(directory_.file("absent")).error().code, Errc::NotFound);
    EXPECT_EQ(load_master_key_from_credentials().error().code, Errc::NotFound);
    give_credentials();
    EXPECT_EQ(load_master_key_from_credentials().error().code, Errc::NotFound);
    EXPECT_EQ(find_master_key(directory_.file("absent")).error().code, Errc::NotFound);
}

TEST_F(MasterKeyTest, ACredentialMayHaveTheGroupBitOfAnAcl) {
    give_credentials();
    for (const mode_t mode : {0400U, 0440U, 0600U}) {
        write_key(names::kMasterKeyCredential, key_, mode);
        EXPECT_EQ(text_of(load_master_key_from_credentials().value().reveal()), key_);
    }
    for (const mode_t mode : {0404U, 0420U, 0410U, 0401U}) {
        write_key(names::kMasterKeyCredential, key_, mode);
        EXPECT_EQ(load_master_key_from_credentials().error().code, Errc::AccessDenied);
    }
}

TEST_F(MasterKeyTest, TheCredentialComesBeforeTheFile) {
    const std::string file = write_key("key", std::string(32, 'f'));
    give_credentials();
    EXPECT_EQ(text_of(find_master_key(file).value().reveal()), std::string(32, 'f'));
    EXPECT_FALSE(is_master_key_passed());
    write_key(names::kMasterKeyCredential, key_);
    EXPECT_EQ(text_of(find_master_key(file).value().reveal()), key_);
    EXPECT_TRUE(is_master_key_passed());
}

TEST_F(MasterKeyTest, ABadCredentialIsNoReasonToLookFurther) {
    const std::string file = write_key("key", std::string(32, 'f'));
    give_credentials();
    write_key(names::kMasterKeyCredential, "short");
    EXPECT_EQ(find_master_key(file).error().code, Errc::Corrupt);
}

}  // namespace
}  // namespace patd::store::test
