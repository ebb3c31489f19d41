// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/user/surroundings.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace patd::user {
namespace {

// Rows S14, A16
TEST(Surroundings, S14_NothingThatSteersLibsecretIsLeftInTheEnvironment) {
    for (const char* name :
         {"SECRET_BACKEND", "SECRET_FILE_TEST_PATH", "SECRET_FILE_TEST_PASSWORD",
          "SECRET_SERVICE_BUS_NAME", "SNAP_NAME", "SECMEM_FORCE_FALLBACK", "TCTI", "GIO_MODULE_DIR",
          "GIO_EXTRA_MODULES", "G_DEBUG", "G_MESSAGES_DEBUG", "OPENSSL_CONF", "LD_PRELOAD_NOT"})
        setenv(name, "hostile", 1);
    setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/bus", 1);
    clear_environment();
    EXPECT_STREQ(getenv("DBUS_SESSION_BUS_ADDRESS"), "unix:path=/bus");
    for (char** variable = environ; *variable != nullptr; ++variable)
        EXPECT_EQ(std::string(*variable).find("hostile"), std::string::npos) << *variable;
}

TEST(Surroundings, MakesADirectoryAndWhatItLiesInForThisUserAlone) {
    const support::TemporaryDirectory directory;
    const mode_t old_umask = umask(0);
    make_private_directory(directory.file("a/b/c")).value();
    make_private_directory(directory.file("a/b/c")).value();
    umask(old_umask);
    for (const char* name : {"a", "a/b", "a/b/c"}) {
        struct stat status {};
        ASSERT_EQ(stat(directory.file(name).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0700U) << name;
    }
}

TEST(Surroundings, ADirectoryThatCannotBeMadeIsUnavailable) {
    EXPECT_EQ(make_private_directory("/proc/patd/x").error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace patd::user
