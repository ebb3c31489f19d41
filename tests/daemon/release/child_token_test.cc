// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_token.h"

#include "common/base/limits.h"
#include "common/token/base64url.h"
#include "tests/support/service_fixture.h"

#include <array>

namespace patd {
namespace {

using support::secret_of;
using support::text_of;

class ChildToken : public support::ServiceFixture {
  protected:
    ChildClaims claims() {
        const Target target = Target::parse("https://git.example/team").value();
        return {TokenId::generate(random_).value(),
                7,
                support::FakeClock::kStart + 600,
                parse_permission_list("project:issue:ro,vcs:repository:rw").value(),
                target,
                target.origin()};
    }
    std::string make(const ChildClaims& claims) {
        return text_of(support::make_child(claims, *store_).value());
    }
    Result<ChildClaims> open(const std::string& text) {
        return open_child(secret_of(text).expose(), *store_);
    }
};

// Puts the right checksum behind what somebody changed.
std::string with_checksum(std::string text) {
    text.resize(text.size() - kChecksumDigits);
    std::array<char, kChecksumDigits> digits{};
    write_checksum(crc32(text), digits);
    return text.append(digits.data(), digits.size());
}

// What stands under the base64 of a child.
std::string raw_of(const std::string& text) {
    SecretBuffer raw(text.size());
    const std::size_t coded = text.size() - kChildPrefix.size() - kChecksumDigits;
    append_decoded_base64url(raw, std::string_view(text).substr(kChildPrefix.size(), coded))
        .value();
    return {raw.expose().data(), raw.size()};
}

// A child's text around it.
std::string text_from(const std::string& raw) {
    SecretBuffer text(kChildBytesMax);
    text.append(kChildPrefix).value();
    append_base64url(text, raw).value();
    text.append(std::string(kChecksumDigits, '0')).value();
    return with_checksum({text.expose().data(), text.size()});
}

void expect_same(const ChildClaims& a, const ChildClaims& b) {
    EXPECT_EQ(a.parent, b.parent);
    EXPECT_EQ(a.generation, b.generation);
    EXPECT_EQ(a.expires, b.expires);
    EXPECT_EQ(a.permissions, b.permissions);
    EXPECT_EQ(a.target, b.target);
    EXPECT_EQ(a.audience, b.audience);
}

void expect_forged(const Result<ChildClaims>& result, const std::string& what) {
    ASSERT_FALSE(result.has_value()) << what;
    EXPECT_EQ(result.error().code, Errc::NotFound) << what;
}

// With an older version's bytes: it wrote a path as it was compared, `%` being a `%`.
TEST_F(ChildToken, HasItsTargetAsItIsStored) {
    for (const char* stored : {"https://git.example/My Team/100%", "https://git.example/My%20Team",
                               "smtp://mail.example:465", "https://git.example/team/tool.git"}) {
        ChildClaims wanted = claims();
        wanted.target = Target::parse_stored(stored).value();
        wanted.audience = wanted.target.origin();
        const std::string child = make(wanted);
        EXPECT_NE(raw_of(child).find(stored), std::string::npos) << stored;
        expect_same(open(child).value(), wanted);
    }
}

TEST_F(ChildToken, SaysWhatItWasMadeFor) {
    const ChildClaims made = claims();
    const std::string text = make(made);
    EXPECT_EQ(token_shape(text), TokenShape::Child);
    expect_same(open(text).value(), made);
}

TEST_F(ChildToken, KeepsTheLargestNumbers) {
    ChildClaims made = claims();
    made.generation = 0xffffffff;
    made.expires = 0x7fffffffffffffff;
    expect_same(open(make(made)).value(), made);
}

TEST_F(ChildToken, FitsItsLimitWithTheLongestClaims) {
    std::vector<std::string> permissions;
    for (int i = 0; i < 64; ++i)
        permissions.push_back("a" + std::to_string(100 + i) + ":objects:ro");
    ASSERT_LE(permissions.size(), limits::kPermissionsPerToken);
    const PermissionList list = parse_permissions(permissions).value();
    ASSERT_EQ(format_permissions(list).size(), limits::kPermissionListBytes - 1);
    const std::string label(63, 'h');
    const std::string host = label + "." + label + "." + label + "." + std::string(61, 'h');
    const std::string origin = "https://" + host + ":65535";
    const Target target =
        Target::parse(origin + "/" + std::string(limits::kTargetPathBytes, 'p')).value();
    ASSERT_EQ(target.origin().text().size(), 8 + limits::kHostBytes);

    const ChildClaims made{TokenId::generate(random_).value(), 1, 2, list, target, target.origin()};
    const std::string text = make(made);
    EXPECT_LE(text.size(), kChildBytesMax);
    expect_same(open(text).value(), made);
}

TEST_F(ChildToken, IsRefusedWithAnyByteChanged) {
    const std::string text = make(claims());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = text[i] == 'A' ? 'B' : 'A';
        expect_forged(open(changed), "byte " + std::to_string(i));
    }
}

// The checksum protects nothing: whoever changes a token can compute it again. Then the MAC must
// refuse, and every fault of the body must look the same.
TEST_F(ChildToken, IsRefusedWithAnyByteChangedAndTheChecksumMadeRight) {
    const std::string text = make(claims());
    for (std::size_t i = kChildPrefix.size(); i < text.size() - kChecksumDigits; ++i) {
        for (const char replacement : {'A', 'z', '_'}) {
            if (text[i] == replacement)
                continue;
            std::string changed = text;
            changed[i] = replacement;
            changed = with_checksum(changed);
            ASSERT_EQ(token_shape(changed), TokenShape::Child);
            expect_forged(open(changed), "byte " + std::to_string(i));
        }
    }
}

// Every bit of body and MAC, with the checksum made right again.
TEST_F(ChildToken, IsRefusedWithAnyBitFlipped) {
    const std::string raw = raw_of(make(claims()));
    for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
        std::string changed = raw;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        expect_forged(open(text_from(changed)), "bit " + std::to_string(bit));
    }
}

// What a holder would like to change, each beside the MAC of what he was given.
TEST_F(ChildToken, IsRefusedWithAnyClaimMadeWider) {
    const ChildClaims given = claims();
    ChildClaims permissions = given;
    permissions.permissions = parse_permission_list("project,vcs").value();
    ChildClaims life = given;
    life.expires += 1;
    ChildClaims audience = given;
    audience.audience = Origin::parse("https://other.example").value();
    ChildClaims target = given;
    target.target = Target::parse("https://git.example").value();
    ChildClaims parent = given;
    parent.parent = issue(support::kBob).token.id;
    ChildClaims generation = given;
    ++generation.generation;
    const std::string original = raw_of(make(given));
    const std::string mac = original.substr(original.size() - 32);
    for (const ChildClaims& wanted : {permissions, life, audience, target, parent, generation}) {
        std::string raw = raw_of(make(wanted));
        raw.replace(raw.size() - 32, 32, mac);
        expect_forged(open(text_from(raw)), "a claim");
    }
    ASSERT_TRUE(open(text_from(original)).has_value());
}

TEST_F(ChildToken, LeavesNothingInTheBufferThatItWasOpenedWith) {
    const std::string text = make(claims());
    SecretBuffer scratch(kChildBytesMax);
    for (const std::string& each : {text, with_checksum(text.substr(0, text.size() - 4) + "AAAA"),
                                    with_checksum("patc1_" + std::string(41, 'A'))}) {
        (void)open_child(secret_of(each).expose(), *store_, scratch);
        EXPECT_EQ(scratch.size(), 0U);
    }
}

TEST_F(ChildToken, IsRefusedAtEveryShorterLength) {
    const std::string text = make(claims());
    for (std::size_t size = 0; size < text.size(); ++size) {
        expect_forged(open(text.substr(0, size)), std::to_string(size));
        if (size > kChildPrefix.size() + kChecksumDigits)
            expect_forged(open(with_checksum(text.substr(0, size))), std::to_string(size));
    }
    expect_forged(open(with_checksum(text + "AAAA")), "longer");
}

TEST_F(ChildToken, IsRefusedWhenItsMacIsOfAnotherGenerationOrParent) {
    const ChildClaims first = claims();
    ChildClaims second = first;
    second.generation = 8;
    ChildClaims third = first;
    third.parent = TokenId::generate(random_).value();
    const std::string original = raw_of(make(first));
    for (const ChildClaims& other : {second, third}) {
        const std::string stolen = raw_of(make(other));
        const std::string mixed =
            original.substr(0, original.size() - 32) + stolen.substr(stolen.size() - 32);
        expect_forged(open(text_from(mixed)), "mixed");
    }
}

TEST_F(ChildToken, IsRefusedByAnotherStore) {
    const std::string text = make(claims());
    const support::TemporaryDirectory elsewhere;
    SecretBuffer key = SecretBuffer::copy_of(std::string(32, 'k'));
    const auto other =
        store::TokenStore::open({elsewhere.path(), true}, MasterKey(std::move(key)), random_)
            .value();
    ASSERT_TRUE(open(text).has_value());
    expect_forged(open_child(secret_of(text).expose(), *other), "another data key");
}

TEST_F(ChildToken, SurvivesARestartOfTheDaemon) {
    const ChildClaims made = claims();
    const std::string text = make(made);
    auditor_.reset();
    locks_.reset();
    store_.reset();
    audit_log_.reset();
    SetUp();
    expect_same(open(text).value(), made);
}

TEST_F(ChildToken, TakesNothingElseForAChild) {
    for (const char* text : {"", "patc1_", "patc1_AAAAAA", "hunter2", "pat1_abc"})
        expect_forged(open(text), text);
    expect_forged(open(text_of(issue(support::kAlice).secret)), "an issued secret");
    expect_forged(open(with_checksum("patc1_AAAAAA")), "no body");
    expect_forged(open(with_checksum("patc1_" + std::string(200, 'A') + "000000")), "version 0");
}

}  // namespace
}  // namespace patd
