// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/manifest.h"

#include <gtest/gtest.h>

namespace patd::store::test {
namespace {

constexpr std::string_view kOwn = "0123456789abcdef";

std::string text_with(const std::string& made,
                      const std::string& key = "key " + std::string(kOwn)) {
    return "patd-backup 1\nmade " + made +
           "\nschema 8\ntokens 2\ntombstones 1\nevents 10\nstore-bytes 8192\naudit-bytes 4096\n" +
           key + "\n\n";
}

Errc refusal(const std::string& text) {
    return parse_manifest(text, kOwn).error().code;
}

TEST(ManifestTest, IsPrintedAsItself) {
    const std::string text = text_with("1800000000");
    const Manifest manifest = parse_manifest(text, kOwn).value();
    EXPECT_EQ(manifest.made, 1'800'000'000);
    EXPECT_EQ(manifest.audit_bytes, 4096U);
    EXPECT_EQ(format_manifest(manifest, kOwn), text);
}

// A number that no time is would be read as a negative one.
TEST(ManifestTest, WasNotMadeBeforeTimeBegan) {
    EXPECT_TRUE(parse_manifest(text_with("9223372036854775807"), kOwn));
    for (const char* made : {"9223372036854775808", "18446744073709551615", "-1", "", "+1"})
        EXPECT_EQ(refusal(text_with(made)), Errc::InvalidBackup) << made;
}

TEST(ManifestTest, TellsAnotherKeyFromDamage) {
    EXPECT_EQ(refusal(text_with("1", "key fedcba9876543210")), Errc::ForeignBackup);
    for (const char* key : {"key 0123456789abcde", "key ", "key", "kez 0123456789abcdef"})
        EXPECT_EQ(refusal(text_with("1", key)), Errc::InvalidBackup) << key;
}

TEST(ManifestTest, RefusesEveryBeginningOfItself) {
    const std::string text = text_with("1800000000");
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(parse_manifest(text.substr(0, size), kOwn)) << size;
    EXPECT_EQ(refusal(text + "\n"), Errc::InvalidBackup);
}

}  // namespace
}  // namespace patd::store::test
