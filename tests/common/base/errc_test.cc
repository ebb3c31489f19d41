// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/errc.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace patd {
namespace {

Errc nth(std::size_t number) {
    return static_cast<Errc>(static_cast<std::uint8_t>(number));
}

TEST(Errc, EveryReasonComesBackFromItsName) {
    for (const Errc code : kEveryErrc)
        EXPECT_EQ(errc_from_name(errc_name(code)), code) << errc_name(code);
}

TEST(Errc, NoTwoReasonsShareANameOrASentence) {
    std::set<std::string_view> names;
    std::set<std::string_view> sentences;
    for (const Errc code : kEveryErrc) {
        names.insert(errc_name(code));
        sentences.insert(errc_message(code));
    }
    EXPECT_EQ(names.size(), kEveryErrc.size());
    EXPECT_EQ(sentences.size(), kEveryErrc.size());
}

TEST(Errc, NamesAreDBusMemberNames) {
    for (const Errc code : kEveryErrc) {
        const std::string name(errc_name(code));
        EXPECT_TRUE(name[0] >= 'A' && name[0] <= 'Z') << name;
        for (const char c : name)
            EXPECT_TRUE((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) << name;
    }
}

TEST(Errc, SentencesAreOneLineOfPlainAsciiThatEndsWithAFullStop) {
    for (const Errc code : kEveryErrc) {
        const std::string text(errc_message(code));
        EXPECT_GE(text.size(), 10U) << text;
        EXPECT_LE(text.size(), 160U) << text;
        EXPECT_EQ(text.back(), '.') << text;
        for (const char c : text)
            EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text;
    }
}

TEST(Errc, SentencesHoldNoPlaceForBytesOfAPeer) {
    for (const Errc code : kEveryErrc) {
        const std::string_view text = errc_message(code);
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
    EXPECT_EQ(errc_name(nth(kEveryErrc.size())), "Internal");
    EXPECT_EQ(errc_message(nth(255)), errc_message(Errc::Internal));
}

}  // namespace
}  // namespace patd
