// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/fault.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

std::string texts_of(Errc code, const std::string& sentence) {
    const nlohmann::ordered_json object = to_json(Fault{code}, sentence);
    return object["message"].get<std::string>() + "|" +
           (object["fix"].is_null() ? "-" : object["fix"].get<std::string>());
}

TEST(FaultText, TellsWhatIsWrongFromWhatToDo) {
    EXPECT_EQ(texts_of(Errc::NotFound, "You have no such token; see 'patctl list'."),
              "You have no such token.|See 'patctl list'.");
    EXPECT_EQ(texts_of(Errc::InvalidTarget, "a.example: begin with https://; did you mean b?"),
              "a.example: begin with https://.|Did you mean b?");
    EXPECT_EQ(texts_of(Errc::InvalidPassword, "Give a password of 8 to 511 bytes."),
              "Give a password of 8 to 511 bytes.|-");
    EXPECT_EQ(texts_of(Errc::WrongPassword, "The password was wrong; nothing was changed."),
              "The password was wrong; nothing was changed.|-");
    EXPECT_EQ(texts_of(Errc::AccessDenied, "You may not do this; system accounts cannot."),
              "You may not do this; system accounts cannot.|-");
}

// Every sentence of the service becomes one or two of its own.
TEST(FaultText, IsWholeForEveryError) {
    for (const Errc code : kEveryErrc) {
        const nlohmann::ordered_json object = to_json(Fault{code}, std::string(errc_message(code)));
        EXPECT_EQ(object["name"], "org.patd.Tokens1.Error." + std::string(errc_name(code)));
        const auto message = object["message"].get<std::string>();
        EXPECT_TRUE(message.ends_with('.')) << message;
        EXPECT_FALSE(message.ends_with("..")) << message;
        EXPECT_TRUE(object["fix"].is_null() || object["fix"].get<std::string>().ends_with('.'))
            << object["fix"];
    }
}

TEST(FaultText, SaysWhereAndForHowLong) {
    const Fault fault{Errc::Throttled, "targets", 3, 30};
    EXPECT_EQ(to_json(fault, "x.").dump(),
              R"({"name":"org.patd.Tokens1.Error.Throttled","message":"x.","fix":null,)"
              R"("field":"targets","item":3,"seconds":30})");
    EXPECT_EQ(field_of(Errc::UnknownPermission), "permissions");
    EXPECT_EQ(field_of(Errc::WrongPassword), "password");
    EXPECT_EQ(field_of(Errc::InvalidSecret), "secret");
    EXPECT_EQ(field_of(Errc::Unavailable), "");
}

}  // namespace
}  // namespace patd::cli
