// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/child_token.h"

#include "common/base/limits.h"
#include "common/token/token_key.h"
#include "tests/support/failing_memory.h"
#include "tests/support/old_child.h"
#include "tests/support/service_fixture.h"

#include <random>

namespace patd {
namespace {

using support::child_text;
using support::kAlice;
using support::raw_child;
using support::secret_of;
using support::text_of;
using support::with_checksum;

constexpr UnixTime kLater = support::FakeClock::kStart + 600;
constexpr std::size_t kMacBytes = store::kChildMacBytes;

class ChildToken : public support::ServiceFixture {
  protected:
    Token parent(const support::TokenSpec& spec = {}) { return issue(kAlice, spec).token; }
    Token wide_parent() {
        return parent({.permissions = "project:issue:ro,vcs:repository:rw,wiki:page:rw",
                       .targets = {"https://git.example/team", "https://two.example"}});
    }
    static ChildClaims claims_of(const Token& token) {
        return {token.id,          token.generation,      kLater,
                token.permissions, token.targets.front(), token.targets.front().origin()};
    }
    std::string make(const ChildClaims& claims) {
        return text_of(support::make_child(claims, *store_).value());
    }
    Errc refusal(const ChildClaims& claims) {
        return support::make_child(claims, *store_).error().code;
    }
    Result<OpenedChild> open(const std::string& text) {
        return open_child(secret_of(text).reveal(), *store_);
    }
    // What the child says, given its parent as it is now.
    std::optional<ChildClaims> read(const std::string& text) {
        const Result<OpenedChild> child = open(text);
        const std::optional<Token> token = child ? stored(child->parent) : std::nullopt;
        return token ? read_claims(*child, *token, *store_).value() : std::nullopt;
    }
};

void expect_same(const std::optional<ChildClaims>& read, const ChildClaims& made) {
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->parent, made.parent);
    EXPECT_EQ(read->generation, made.generation);
    EXPECT_EQ(read->expires, made.expires);
    EXPECT_EQ(read->permissions, made.permissions);
    EXPECT_EQ(read->target, made.target);
    EXPECT_EQ(read->audience, made.audience);
}

void expect_forged(const Result<OpenedChild>& result, const std::string& what) {
    ASSERT_FALSE(result.has_value()) << what;
    EXPECT_EQ(result.error().code, Errc::NotFound) << what;
}

// Row D18. If one throws half-way, nothing is left where the next one is read or made.
TEST_F(ChildToken, WhicheverAllocationFailsTheNextOneIsAsGood) {
    const Token token = wide_parent();
    const std::string text = make(claims_of(token));
    SecretBuffer scratch(2048);
    const auto failed = support::with_each_allocation_failing(
        [&] {
            (void)make_child(claims_of(token), token, *store_, scratch).value();
            (void)open_child({text.data(), text.size()}, *store_, scratch).value();
        },
        [&](std::size_t nth) {
            EXPECT_TRUE(open_child({text.data(), text.size()}, *store_, scratch)) << nth;
            EXPECT_EQ(text_of(make_child(claims_of(token), token, *store_, scratch).value()), text)
                << nth;
        });
    EXPECT_GT(failed, 2U);
}

TEST_F(ChildToken, SaysWhatItWasMadeFor) {
    const ChildClaims made = claims_of(wide_parent());
    const std::string text = make(made);
    EXPECT_EQ(token_shape(text), TokenShape::Child);
    expect_same(read(text), made);
}

TEST_F(ChildToken, HasItsForm) {
    Token token = wide_parent();
    edit(token, [](Token& stored) -> Result<void> {
        stored.generation = 0x01020304;
        return {};
    });
    ChildClaims claims = claims_of(stored(token.id).value());
    claims.permissions = parse_permission_list("project:issue:ro,wiki:page:ro").value();
    claims.target = Target::parse("https://two.example").value();
    claims.audience = Origin::parse("https://git.example").value();
    claims.expires = 0x0506070809;
    const std::string raw = raw_child(make(claims));
    ASSERT_EQ(raw.size(), 28U + 1 + kMacBytes);
    EXPECT_EQ(raw.front(), '\2');
    EXPECT_EQ(raw.substr(9, 11), "\1\2\3\4\5\6\7\x8\x9\1" + std::string(1, '\0'));
    EXPECT_EQ(raw[28], '\x21');
    EXPECT_EQ(raw.substr(1, 8),
              support::big_endian(static_cast<std::uint64_t>(token_key(token.id)), 8));
    const std::string said =
        std::string("\0child\0", 7) +
        "project:issue:ro,wiki:page:ro\nhttps://two.example\nhttps://git.example";
    const Digest check = store_->digest(said).value();
    EXPECT_EQ(raw.substr(20, 8), std::string(check.begin(), check.begin() + 8));
    const Digest mac = store_->child_mac(token.id, 0x01020304, raw.substr(0, 29)).value();
    EXPECT_EQ(raw.substr(29), std::string(mac.begin(), mac.begin() + 16));
}

// ---- Length

std::string origin_of_length(std::size_t bytes, char letter) {
    std::string host;
    while (host.size() < bytes) {
        const std::size_t label = std::min<std::size_t>(63, bytes - host.size());
        host += std::string(label, letter);
        if (host.size() < bytes)
            host += ".";
    }
    return "https://" + host + ":65535";
}

TEST_F(ChildToken, FitsWhereverPasswordsDoWithTheLongestOfEverything) {
    std::vector<std::string> permissions;
    for (std::size_t i = 0; i < limits::kPermissionsPerToken; ++i)
        permissions.push_back("a" + std::to_string(100 + i) + ":objects:rw");
    ASSERT_EQ(format_permissions(parse_permissions(permissions).value()).size(),
              limits::kPermissionListBytes - 1);
    const std::string longest = origin_of_length(253, 'h');
    std::vector<std::string> targets;
    for (std::size_t i = 0; i + 1 < limits::kTargetsPerToken; ++i)
        targets.push_back("https://host" + std::to_string(i) + ".example");
    targets.push_back(longest + "/" + std::string(limits::kTargetPathBytes, 'p'));
    Token token = support::make_token(kAlice, TokenKind::Issued, {.targets = targets});
    token.permissions = parse_permissions(permissions).value();
    token.generation = 0xffffffff;
    store_->insert(token, make_issued_secret(token.id, random_).value()).value();

    for (const Target& target : token.targets) {
        ChildClaims made = claims_of(token);
        made.target = target;
        made.audience = target.origin();
        made.expires = (UnixTime{1} << 40) - 1;
        const std::string text = make(made);
        EXPECT_LE(text.size(), kChildBytesMax);
        expect_same(read(text), made);
        for (Permission& each : made.permissions)
            each = Permission::parse(each.text().substr(0, each.text().size() - 1) + "o").value();
        expect_same(read(make(made)), made);
    }
}

TEST_F(ChildToken, HasSeventyTwoBytesForAFewPermissions) {
    EXPECT_EQ(make(claims_of(wide_parent())).size(), 72U);
}

// Such tokens are older than catalogues: they hold their areas in full.
TEST_F(ChildToken, SpellsObjectsOfAnAreaThatIsHeldWhole) {
    const Token token = parent({.permissions = "project,vcs"});
    ChildClaims made = claims_of(token);
    std::size_t longest = 0;
    for (const char* permissions : {"vcs:repository:ro", "project:issue:ro,vcs:repository:rw",
                                    "vcs", "project:a-rather-long-name-of-an-object:rw"}) {
        made.permissions = parse_permission_list(permissions).value();
        const std::string text = make(made);
        longest = std::max(longest, text.size());
        expect_same(read(text), made);
    }
    EXPECT_EQ(longest, kChildBytesMax);
    made.permissions = parse_permission_list("project:a-rather-long-name-of-an-objects:rw").value();
    EXPECT_EQ(refusal(made), Errc::LimitExceeded);
}

// ---- What it was derived from

TEST_F(ChildToken, IsMadeOfNothingThatItsParentHasNot) {
    const Token token = wide_parent();
    const ChildClaims given = claims_of(token);
    for (const char* beyond : {"project:issue:rw", "project", "vcs", "host:login:ro",
                               "vcs:repository:ro,host:login:ro", "wiki:pages:ro"}) {
        ChildClaims claims = given;
        claims.permissions = parse_permission_list(beyond).value();
        EXPECT_EQ(refusal(claims), Errc::InvalidPermission) << beyond;
    }
    for (const char* beyond : {"https://git.example", "https://git.example/team/tool",
                               "https://two.example/a", "http://two.example"}) {
        ChildClaims claims = given;
        claims.target = Target::parse(beyond).value();
        EXPECT_EQ(refusal(claims), Errc::InvalidTarget) << beyond;
    }
    for (const char* beyond :
         {"https://three.example", "http://git.example", "https://git.example:8443"}) {
        ChildClaims claims = given;
        claims.audience = Origin::parse(beyond).value();
        EXPECT_EQ(refusal(claims), Errc::InvalidTarget) << beyond;
    }
    for (const UnixTime beyond : {UnixTime{-1}, UnixTime{1} << 40, UnixTime{0x7fffffffffffffff}}) {
        ChildClaims claims = given;
        claims.expires = beyond;
        EXPECT_EQ(refusal(claims), Errc::InvalidExpiry) << beyond;
    }
}

// Random tokens, and a random part of each.
class Tokens {
  public:
    explicit Tokens(unsigned seed) : generator_(seed) {}

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(generator_);
    }
    std::string word() {
        std::string text(1, static_cast<char>('a' + below(26)));
        for (std::size_t left = below(5); left > 0; --left)
            text += "abcdefghijklmnopqrstuvwxyz0123456789-"[below(37)];
        return text == "ro" || text == "rw" ? "row" : text;
    }
    PermissionList permissions() {
        std::vector<std::string> texts;
        for (std::size_t left = 1 + below(limits::kPermissionsPerToken); left > 0; --left)
            texts.push_back(word() + ":" + word() + (below(2) == 0 ? ":ro" : ":rw"));
        return parse_permissions(texts).value();
    }
    PermissionList part_of(const PermissionList& held) {
        std::vector<std::string> texts;
        for (const Permission& each : held) {
            const std::string& text = each.text();
            if (below(2) == 0)
                texts.push_back(text);
            else if (text.ends_with(":rw") && below(2) == 0)
                texts.push_back(text.substr(0, text.size() - 3) + (below(2) == 0 ? ":ro" : ""));
        }
        return texts.empty() ? held : parse_permissions(texts).value();
    }
    std::vector<std::string> targets() {
        std::vector<std::string> texts;
        for (std::size_t left = 1 + below(limits::kTargetsPerToken); left > 0; --left)
            texts.push_back((below(4) == 0 ? "http://" : "https://") + word() + "x.example" +
                            (below(2) == 0 ? "/" + word() + "%20" + word() : ""));
        return texts;
    }

  private:
    std::mt19937 generator_;
};

TEST_F(ChildToken, OfAnyTokenSaysExactlyWhatWasDerived) {
    Tokens tokens(1);
    std::vector<store::TokenStore::NewToken> many;
    for (int i = 0; i < 300; ++i) {
        Token token = support::make_token(kAlice, TokenKind::Issued, {.targets = tokens.targets()});
        token.permissions = tokens.permissions();
        token.generation = 1 + static_cast<std::uint32_t>(tokens.below(1'000'000));
        many.emplace_back(token, make_issued_secret(token.id, random_).value());
    }
    store_->insert_many(many).value();
    for (const auto& [token, secret] : many) {
        ChildClaims made = claims_of(token);
        made.permissions = tokens.part_of(token.permissions);
        made.target = token.targets[tokens.below(token.targets.size())];
        made.audience = token.targets[tokens.below(token.targets.size())].origin();
        made.expires = kLater + static_cast<UnixTime>(tokens.below(3600));
        const std::string text = make(made);
        ASSERT_LE(text.size(), kChildBytesMax);
        ASSERT_EQ(token_shape(text), TokenShape::Child);
        expect_same(read(text), made);
    }
}

// ---- What a holder may try

TEST_F(ChildToken, IsRefusedWithAnyByteChanged) {
    const std::string text = make(claims_of(wide_parent()));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = text[i] == 'A' ? 'B' : 'A';
        expect_forged(open(changed), "byte " + std::to_string(i));
    }
}

// The checksum protects nothing: anyone who changes a token can recompute it. Then the MAC must
// refuse, and every fault of the body must look the same.
TEST_F(ChildToken, IsRefusedWithAnyByteChangedAndTheChecksumMadeRight) {
    const std::string text = make(claims_of(wide_parent()));
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

// Every bit of body and MAC, with the checksum corrected: of a set, and of spelled ones.
TEST_F(ChildToken, IsRefusedWithAnyBitFlipped) {
    ChildClaims spelled = claims_of(parent({.permissions = "vcs"}));
    spelled.permissions = parse_permission_list("vcs:repository:ro").value();
    for (const ChildClaims& claims : {claims_of(wide_parent()), spelled}) {
        const std::string raw = raw_child(make(claims));
        for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
            std::string changed = raw;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
            expect_forged(open(child_text(changed)), "bit " + std::to_string(bit));
        }
    }
}

// What a holder would like to change, each with the MAC of the original.
TEST_F(ChildToken, IsRefusedWithAnyClaimMadeWider) {
    ChildClaims given = claims_of(wide_parent());
    given.permissions = parse_permission_list("project:issue:ro").value();
    ChildClaims permissions = given;
    permissions.permissions = parse_permission_list("project:issue:ro,wiki:page:rw").value();
    ChildClaims life = given;
    life.expires += 1;
    ChildClaims audience = given;
    audience.audience = Origin::parse("https://two.example").value();
    ChildClaims target = given;
    target.target = Target::parse("https://two.example").value();
    const ChildClaims family = claims_of(wide_parent());
    ChildClaims generation = given;
    ++generation.generation;
    const std::string original = raw_child(make(given));
    const std::string mac = original.substr(original.size() - kMacBytes);
    for (const ChildClaims& wanted : {permissions, life, audience, target, family, generation}) {
        std::string raw = raw_child(make(wanted));
        raw.replace(raw.size() - kMacBytes, kMacBytes, mac);
        expect_forged(open(child_text(raw)), "a claim");
    }
    ASSERT_TRUE(open(child_text(original)).has_value());
}

TEST_F(ChildToken, IsRefusedAtEveryShorterLength) {
    const std::string text = make(claims_of(wide_parent()));
    for (std::size_t size = 0; size < text.size(); ++size) {
        expect_forged(open(text.substr(0, size)), std::to_string(size));
        if (size > kChildPrefix.size() + kChecksumDigits)
            expect_forged(open(with_checksum(text.substr(0, size))), std::to_string(size));
    }
    expect_forged(open(with_checksum(text + "AAAA")), "longer");
    const std::string raw = raw_child(text);
    for (std::size_t size = 0; size < raw.size(); ++size)
        expect_forged(open(child_text(raw.substr(0, size))), std::to_string(size));
}

TEST_F(ChildToken, IsRefusedWhenItsMacIsOfAnotherGenerationOrParent) {
    const ChildClaims first = claims_of(wide_parent());
    ChildClaims second = first;
    ++second.generation;
    const ChildClaims third = claims_of(wide_parent());
    const std::string original = raw_child(make(first));
    for (const ChildClaims& other : {second, third}) {
        const std::string stolen = raw_child(make(other));
        const std::string mixed = original.substr(0, original.size() - kMacBytes) +
                                  stolen.substr(stolen.size() - kMacBytes);
        expect_forged(open(child_text(mixed)), "mixed");
    }
}

// The MAC of the older form covers the older form's first byte.
TEST_F(ChildToken, IsNoOldChildAndAnOldOneIsNone) {
    const ChildClaims claims = claims_of(wide_parent());
    std::string fresh = raw_child(make(claims));
    std::string old = raw_child(support::old_child(claims, *store_));
    ASSERT_TRUE(open(child_text(fresh)).has_value());
    ASSERT_TRUE(open(child_text(old)).has_value());
    for (const char form : {'\0', '\1', '\2', '\3', '\4', '\x7f'}) {
        if (form != fresh[0])
            expect_forged(open(child_text(form + fresh.substr(1))), "a form of a new one");
        if (form != old[0])
            expect_forged(open(child_text(form + old.substr(1))), "a form of an old one");
    }
}

TEST_F(ChildToken, IsRefusedByAnotherStore) {
    const std::string text = make(claims_of(wide_parent()));
    const support::TemporaryDirectory elsewhere;
    SecretBuffer key = SecretBuffer::copy_of(std::string(32, 'k'));
    const auto other =
        store::TokenStore::open({elsewhere.path(), true}, MasterKey(std::move(key)), random_)
            .value();
    ASSERT_TRUE(open(text).has_value());
    expect_forged(open_child(secret_of(text).reveal(), *other), "another data key");
}

TEST_F(ChildToken, LeavesNothingInTheBufferThatItWasOpenedWith) {
    const std::string text = make(claims_of(wide_parent()));
    SecretBuffer scratch(kOldChildBytesMax);
    for (const std::string& each : {text, with_checksum(text.substr(0, text.size() - 4) + "AAAA"),
                                    with_checksum("patc1_" + std::string(41, 'A'))}) {
        (void)open_child(secret_of(each).reveal(), *store_, scratch);
        EXPECT_EQ(scratch.size(), 0U);
    }
}

TEST_F(ChildToken, TakesNothingElseForAChild) {
    for (const char* text : {"", "patc1_", "patc1_AAAAAA", "hunter2", "pat1_abc"})
        expect_forged(open(text), text);
    expect_forged(open(text_of(issue(kAlice).secret)), "an issued secret");
    expect_forged(open(with_checksum("patc1_AAAAAA")), "no body");
    expect_forged(open(with_checksum("patc1_" + std::string(200, 'A') + "000000")), "form 0");
}

// ---- Its parent's record changes

TEST_F(ChildToken, SurvivesARestartOfTheDaemon) {
    const ChildClaims made = claims_of(wide_parent());
    const std::string text = make(made);
    auditor_.reset();
    locks_.reset();
    store_.reset();
    audit_log_.reset();
    SetUp();
    expect_same(read(text), made);
}

// An addition moves everything else in the lists: the child still means the same.
TEST_F(ChildToken, MeansTheSameAfterEditsThatMoveWhatItChose) {
    const Token token = wide_parent();
    ChildClaims made = claims_of(token);
    made.permissions = parse_permission_list("vcs:repository:ro").value();
    made.target = Target::parse("https://two.example").value();
    made.audience = made.target.origin();
    const std::string text = make(made);
    const auto set_lists = [&](const char* permissions, const std::vector<std::string>& targets) {
        edit(token, [&](Token& stored) -> Result<void> {
            stored.permissions = parse_permission_list(permissions).value();
            stored.targets = parse_targets(targets).value();
            return {};
        });
    };
    set_lists("aaa:b:rw,project:issue:ro,vcs:repository:rw,wiki:page:rw",
              {"https://a.example", "https://git.example/team", "https://two.example"});
    expect_same(read(text), made);
    set_lists("aaa,project,vcs,wiki",
              {"https://a.example", "https://git.example", "https://two.example"});
    expect_same(read(text), made);
    // Without the lists that it chose from it is worthless, and never means something else.
    lock_keyring();
    unlock_keyring();
    EXPECT_FALSE(read(text).has_value());
}

}  // namespace
}  // namespace patd
