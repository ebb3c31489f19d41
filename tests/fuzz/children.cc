// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_string.h"
#include "daemon/release/child_token.h"
#include "daemon/release/old_child.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"
#include "tests/support/old_child.h"
#include "tests/support/temporary_directory.h"

#include <memory>

namespace patd::fuzz {
namespace {

constexpr UnixTime kExpires = 1'800'000'000;
constexpr std::size_t kBytes = 4096;

// A store with one token, whose children are made and forged.
struct Family {
    Family() {
        store->insert(parent, TokenSecret(make_issued_secret(parent.id, random).value())).value();
    }

    Token make_parent() {
        Token token{TokenId::generate(random).value(), Uid(1000), "alice"};
        token.description = "a laptop";
        token.permissions = parse_permission_list("ci,project:issue:ro,vcs:repository:rw").value();
        token.targets =
            parse_targets({"https://git.example/team", "https://git.example/x", "http://h:8080"})
                .value();
        token.username = "alice";
        return token;
    }

    support::TemporaryDirectory directory;
    SystemRandom random;
    std::unique_ptr<store::TokenStore> store =
        store::TokenStore::open({directory.path(), true},
                                MasterKey(SecretBuffer::copy_of(std::string(32, 'k'))), random)
            .value();
    Token parent = make_parent();
};

Family& family() {
    static Family family;
    return family;
}

std::string text_of(const TokenSecret& secret) {
    return {secret.reveal().data(), secret.size()};
}

// Whatever may be chosen from a parent comes back from the child, and no change of it opens.
void check_child(const ChildClaims& claims, std::string_view change) {
    Family& f = family();
    SecretBuffer scratch(kBytes);
    const Result<TokenSecret> made = make_child(claims, f.parent, *f.store, scratch);
    require(scratch.empty(), "a child leaves nothing behind");
    if (!made)
        return;
    const std::string text = text_of(*made);
    require(text.size() <= kChildBytesMax && token_shape(text) == TokenShape::Child,
            "a child is one");
    Result<OpenedChild> opened = open_child(made->reveal(), *f.store);
    require(opened && opened->parent == f.parent.id && opened->expires == claims.expires &&
                opened->for_gateway == claims.for_gateway,
            "a child opens, as one of its kind");
    const auto read = read_claims(std::move(*opened), f.parent, *f.store);
    require(read && read->has_value() && (*read)->permissions == claims.permissions &&
                (*read)->target == claims.target && (*read)->audience == claims.audience,
            "a child says what it was made for");
    std::string raw = support::raw_child(text);
    for (std::size_t i = 0; i < change.size() && i < raw.size(); ++i)
        raw[i] = static_cast<char>(raw[i] ^ change[i]);
    const std::string forged = support::child_text(raw);
    if (forged != text)
        require(!open_child(std::span<const char>(forged), *f.store), "a changed child is none");
}

void check_forged(std::string_view text) {
    const Result<OpenedChild> opened = open_child(std::span<const char>(text), *family().store);
    require(!opened && opened.error().code == Errc::NotFound, "nobody else makes children");
}

}  // namespace

// What a child is to say, then what is changed of it; all of it is also tried as a child, and as
// the body of one of an older version.
void children(std::string_view bytes) {
    check_forged(bytes);
    check_forged(support::child_text(std::string(bytes.substr(0, 2000))));
    if (const Result<ChildClaims> old = read_old_child(bytes); old) {
        const std::string body = support::old_child_body(*old);
        const Result<ChildClaims> again = read_old_child(body);
        require(again && support::old_child_body(*again) == body, "an old child is read again");
    }
    Input input(bytes);
    const Result<PermissionList> permissions = parse_permission_list(input.part());
    const Result<Target> target = Target::parse(input.part());
    if (!permissions || !target)
        return;
    const Token& parent = family().parent;
    const ChildClaims claims{
        parent.id, parent.generation, kExpires + input.byte(),     *permissions,
        *target,   target->origin(),  input.rest().size() % 2 == 1};
    check_child(claims, input.rest());
}

}  // namespace patd::fuzz
