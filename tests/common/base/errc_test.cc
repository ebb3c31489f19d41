// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/errc.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace patd {
namespace {

// The enum is dense and closed: everything up to its last member is a reason.
constexpr auto kLast = static_cast<unsigned>(Errc::WrongPassword);

Errc nth(unsigned number) {
    return static_cast<Errc>(static_cast<std::uint8_t>(number));
}

TEST(Errc, EveryReasonComesBackFromItsName) {
    for (unsigned i = 0; i <= kLast; ++i)
        EXPECT_EQ(errc_from_name(errc_name(nth(i))), nth(i)) << i;
}

TEST(Errc, NoTwoReasonsShareANameOrASentence) {
    std::set<std::string_view> names;
    std::set<std::string_view> sentences;
    for (unsigned i = 0; i <= kLast; ++i) {
        names.insert(errc_name(nth(i)));
        sentences.insert(errc_message(nth(i)));
    }
    EXPECT_EQ(names.size(), kLast + 1);
    EXPECT_EQ(sentences.size(), kLast + 1);
}

TEST(Errc, NamesAreDBusMemberNames) {
    for (unsigned i = 0; i <= kLast; ++i) {
        const std::string name(errc_name(nth(i)));
        EXPECT_TRUE(name[0] >= 'A' && name[0] <= 'Z') << name;
        for (const char c : name)
            EXPECT_TRUE((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) << name;
    }
}

TEST(Errc, SentencesAreOneLineOfPlainAsciiThatEndsWithAFullStop) {
    for (unsigned i = 0; i <= kLast; ++i) {
        const std::string text(errc_message(nth(i)));
        EXPECT_GE(text.size(), 10U) << text;
        EXPECT_LE(text.size(), 160U) << text;
        EXPECT_EQ(text.back(), '.') << text;
        for (const char c : text)
            EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text;
    }
}

TEST(Errc, SentencesHoldNoPlaceForBytesOfAPeer) {
    for (unsigned i = 0; i <= kLast; ++i) {
        const std::string_view text = errc_message(nth(i));
        EXPECT_EQ(text.find('%'), std::string_view::npos) << text;
        EXPECT_EQ(text.find('{'), std::string_view::npos) << text;
        EXPECT_EQ(text.find('$'), std::string_view::npos) << text;
    }
}

TEST(Errc, UnknownNamesAreNotTakenForAReason) {
    for (const char* name : {"", "notfound", "NotFound ", " NotFound", "NOTFOUND", "NotFoundX",
                             "org.patd.Tokens1.Error.NotFound", "Success"})
        EXPECT_EQ(errc_from_name(name), std::nullopt) << name;
}

// Row P23.
TEST(Errc, AnUnknownNumberReadsAsInternalAndNeverAsSuccess) {
    EXPECT_EQ(errc_name(nth(kLast + 1)), "Internal");
    EXPECT_EQ(errc_message(nth(255)), errc_message(Errc::Internal));
}

}  // namespace
}  // namespace patd
