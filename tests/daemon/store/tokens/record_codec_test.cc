// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/record_codec.h"

#include "tests/daemon/store/store_fixture.h"

#include <set>
#include <type_traits>

namespace patd::store::test {
namespace {

TEST(RecordCodec, DecodesWhatItEncodes) {
    Token token = make_token(Uid(4'000'000'000), TokenKind::Imported);
    token.state = TokenState::Rejected;
    token.provenance = Provenance::GitStore;
    token.confirm = Confirm::Always;
    token.generation = 4'294'967'295;
    token.description = std::string("a\0b,\n\xc3\xa9", 7);
    for (int round = 0; round < 2; ++round) {
        const StoredTexts texts(token);
        EXPECT_TRUE(same(decode_token(columns_of(token, texts)).value(), token));
        token.permissions.clear();
        token.targets.clear();
        token.rules = {};
        token.refused = parse_targets({"https://git.example/a", "https://git.example/b"}).value();
        token.refresh_bytes = 4096;
        token.secret_kind = SecretKind::Aws;
        token.through_gateway = true;
    }
}

// Paths were compared as written before escapes meant something; a row still means the same.
TEST(RecordCodec, ReadsTargetsOfOlderVersions) {
    Token token = make_token(kAlice);
    token.targets = {Target::parse("https://a.example/x%20y%25").value()};
    const StoredTexts texts(token);
    EXPECT_EQ(texts.targets, "https://a.example/x y%");
    const char* const old = "https://a.example/x%20y%2F\nhttps://b.example/100%";
    RecordColumns columns = columns_of(token, texts);
    columns.targets = old;
    const Token read = decode_token(columns).value();
    ASSERT_EQ(read.targets.size(), 2U);
    EXPECT_EQ(read.targets[0].path(), "x%20y%2F");
    EXPECT_EQ(read.targets[1].path(), "100%");
    EXPECT_EQ(StoredTexts(read).targets, old);
}

TEST(RecordCodec, RefusesWhatNoTokenCanHold) {
    const Token token = make_token(kAlice);
    const StoredTexts texts(token);
    const RecordColumns good = columns_of(token, texts);
    const auto refused = [&](auto change) {
        RecordColumns bad = good;
        change(bad);
        return decode_token(bad).error().code == Errc::Corrupt;
    };
    EXPECT_TRUE(refused([](RecordColumns& c) { c.id = -1; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.owner = -1; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.owner = 4'294'967'296; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.generation = 4'294'967'296; }));
    for (const std::int64_t number : {-1, 2, 256}) {
        EXPECT_TRUE(refused([number](RecordColumns& c) { c.secret_kind = number; }));
        EXPECT_TRUE(refused([number](RecordColumns& c) { c.through_gateway = number; }));
    }
    for (const std::int64_t number : {-1, 0, 3, 257}) {
        EXPECT_TRUE(refused([=](RecordColumns& c) { c.kind = number; }));
        EXPECT_TRUE(refused([=](RecordColumns& c) { c.state = number == 3 ? 4 : number; }));
        EXPECT_TRUE(refused([=](RecordColumns& c) { c.provenance = number; }));
        EXPECT_TRUE(refused([=](RecordColumns& c) { c.confirm = number; }));
    }
    EXPECT_TRUE(refused([](RecordColumns& c) { c.permissions = "vcs,,x"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.permissions = "VCS"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.targets = "https://*.example"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.targets = "\nhttps://a.example"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.rules = "backup"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.refused = "nonsense"; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.refresh = -1; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.refresh = 4097; }));
    EXPECT_TRUE(refused([](RecordColumns& c) { c.rules = "backup.service,"; }));
}

// Row S2: what is sealed on disks stays valid.
TEST(RecordCodec, S2_BindsTheBytesThatItAlwaysBound) {
    const auto text = [](std::string_view field) {
        return std::string(3, '\0') + static_cast<char>(field.size()) + std::string(field);
    };
    const auto number = [&](char low) { return text(std::string(7, '\0') + low); };
    Token token{TokenId::parse("0000000010").value(), Uid(5), "alice"};
    token.kind = TokenKind::Imported;
    token.confirm = Confirm::Always;
    token.description = "a laptop";
    token.permissions = parse_permission_list("vcs:repository:rw,vcs").value();
    token.targets = parse_targets({"https://a.example/x", "https://b.example"}).value();
    token.username = "robot";
    token.created = 7;
    token.expires = 8;
    token.generation = 9;
    const std::string first = text("patd-store") + number(1) + text("token") + text("0000000010") +
                              number(5) + text("alice") + number(2) + number(1) + number(1) +
                              number(2) + text("a laptop") +
                              text(format_permissions(token.permissions)) +
                              text("https://a.example/x\nhttps://b.example") + text("robot") +
                              number(7) + number(8) + number(9);
    const auto bound = [](const Token& of) {
        const StoredTexts texts(of);
        BoundData data;
        bind_token(data, columns_of(of, texts));
        return std::string(data.view());
    };
    EXPECT_EQ(bound(token), first);
    token.rules = ReleaseRules::parse({"backup.service"}).value();
    EXPECT_EQ(bound(token), first + text("backup.service"));
    token.refused = parse_targets({"https://b.example"}).value();
    EXPECT_EQ(bound(token), first + text("backup.service") + text("https://b.example") + number(0));
    token.rules = {};
    token.refresh_bytes = 6;
    EXPECT_EQ(bound(token), first + text("") + text("https://b.example") + number(6));
    token.refused = {};
    EXPECT_EQ(bound(token), first + text("") + text("") + number(6));
    token.refresh_bytes = 0;
    token.secret_kind = SecretKind::Aws;
    EXPECT_EQ(bound(token), first + text("") + text("") + number(0) + number(1));
    token.secret_kind = SecretKind::Text;
    token.through_gateway = true;
    EXPECT_EQ(bound(token), first + text("") + text("") + number(0) + number(0) + number(1));
}

// Row S2: the seal covers every column.
TEST(RecordCodec, S2_EveryColumnOfATokenIsBound) {
    const Token token = make_token(kAlice);
    const StoredTexts texts(token);
    const RecordColumns good = columns_of(token, texts);
    std::set<std::string> all;
    const auto bound = [&](auto change) {
        RecordColumns columns = good;
        change(columns);
        BoundData data;
        bind_token(data, columns);
        all.emplace(data.view());
    };
    bound([](RecordColumns&) {});
    const auto change = [](auto& value) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::int64_t>)
            ++value;
        else
            value = "x";
    };
    for (const TokenColumn& column : kTokenColumns)
        bound([&](RecordColumns& c) { column.visit(c, change); });
    EXPECT_EQ(all.size(), 1 + kTokenColumns.size());
    all.clear();
    // An empty column is bound as if it did not exist, and yet no two of these are the same.
    for (const char* rules : {"", "x"}) {
        for (const char* refused : {"", "x"}) {
            for (const std::int64_t refresh : {0, 1}) {
                bound([=](RecordColumns& c) {
                    c.rules = rules;
                    c.refused = refused;
                    c.refresh = refresh;
                });
            }
        }
    }
    EXPECT_EQ(all.size(), 8U);
}

TEST(RecordCodec, RowsOfDifferentTablesAreBoundDifferently) {
    BoundData owner;
    BoundData unlocked;
    BoundData meta;
    BoundData tombstone;
    bind_owner(owner, 1000, 1);
    bind_owner(unlocked, 1000, 0);
    bind_key(meta, 1, 1);
    const Digest digest{};
    bind_tombstone(tombstone, {digest, 1, 1000, 0});
    const std::set<std::string_view> all{owner.view(), unlocked.view(), meta.view(),
                                         tombstone.view()};
    EXPECT_EQ(all.size(), 4U);
}

}  // namespace
}  // namespace patd::store::test
