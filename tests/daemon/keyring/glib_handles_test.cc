// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/glib_handles.h"

#include <gtest/gtest.h>

namespace patd::keyring::test {
namespace {

void fail_with(Failure& failure, const char* name) {
    *failure.out() = g_dbus_error_new_for_dbus_error(name, "words of the keyring");
}

TEST(Failure, KnowsTheErrorOfTheFarEndByItsName) {
    Failure failure;
    EXPECT_FALSE(failure);
    EXPECT_FALSE(failure.is("org.freedesktop.DBus.Error.Failed"));
    fail_with(failure, "org.freedesktop.DBus.Error.Failed");
    EXPECT_TRUE(failure);
    EXPECT_TRUE(failure.is("org.freedesktop.DBus.Error.Failed"));
    EXPECT_FALSE(failure.is("org.freedesktop.DBus.Error.NotSupported"));
    EXPECT_FALSE(failure.is_nameless());
    Failure own;
    fail_with(own, "org.qtproject.QtDBus.Error.InternalError");
    EXPECT_TRUE(own.is_nameless());
}

TEST(Failure, IsALockWhereTheKeyringSaysSoAndAFailureElsewhere) {
    Failure locked;
    fail_with(locked, "org.freedesktop.Secret.Error.IsLocked");
    EXPECT_EQ(locked.as_error("GetSecrets").code, Errc::StoreLocked);
    Failure other;
    fail_with(other, "org.freedesktop.Secret.Error.NoSession");
    EXPECT_EQ(other.as_error("GetSecrets").code, Errc::KeyringFailed);
}

TEST(Failure, TellsWhatWasTriedAndNotTheWordsOfThePeer) {
    Failure failure;
    fail_with(failure, "org.freedesktop.DBus.Error.Failed");
    const Error error = failure.as_error("OpenSession");
    EXPECT_EQ(error.context.find("OpenSession: "), 0U) << error.context;
    EXPECT_EQ(error.context.find("words"), std::string::npos) << error.context;
}

}  // namespace
}  // namespace patd::keyring::test
