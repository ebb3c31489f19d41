// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/token_dict.h"

#include "common/base/limits.h"
#include "common/token/foreign_token.h"
#include "common/token/visible_text.h"
#include "daemon/context/peer_process.h"

namespace patd {
namespace {

using Strings = std::vector<std::string>;

Result<void> take_description(bus::Dict& options, TokenChange& change) {
    if (const auto text = TRY(options.take<std::string>("description")))
        change.description = TRY(parse_description(*text));
    return {};
}

Result<void> take_permissions(bus::Dict& options, TokenChange& change) {
    if (const auto texts = TRY(options.take<Strings>("permissions")))
        change.permissions = TRY(parse_permissions(*texts));
    return {};
}

// Lists stored before this limit existed stay as they are.
Result<void> check_size(const TargetList& targets) {
    std::size_t bytes = 0;
    for (const Target& target : targets)
        bytes += target.text().size();
    if (bytes > limits::kTargetListBytes)
        return Errc::InvalidTarget;
    return {};
}

Result<void> take_targets(bus::Dict& options, TokenChange& change) {
    if (const auto texts = TRY(options.take<Strings>("targets"))) {
        change.targets = TRY(parse_targets(*texts));
        TRY(check_size(*change.targets));
    }
    return {};
}

Result<void> take_rules(bus::Dict& options, TokenChange& change) {
    if (const auto units = TRY(options.take<Strings>("only-units")))
        change.rules = TRY(ReleaseRules::parse(*units));
    return {};
}

Result<void> take_username(bus::Dict& options, TokenChange& change) {
    const auto text = TRY(options.take<std::string>("username"));
    if (!text)
        return {};
    // The line socket answers nothing for such a user name.
    if (looks_like_token(*text))
        return Errc::TokenAsUsername;
    change.username = TRY(parse_username(*text));
    return {};
}

Result<void> take_expires(bus::Dict& options, TokenChange& change, UnixTime now) {
    if (const auto expires = TRY(options.take<std::int64_t>("expires")))
        change.expires = TRY(parse_expiry(*expires, now));
    return {};
}

Result<void> take_confirm(bus::Dict& options, TokenChange& change) {
    const auto text = TRY(options.take<std::string>("confirm"));
    if (!text)
        return {};
    if (*text != "never" && *text != "always")
        return Errc::UnknownOption;
    change.confirm = *text == "always" ? Confirm::Always : Confirm::Never;
    return {};
}

Result<void> take_secret_kind(bus::Dict& options, TokenChange& change) {
    const auto text = TRY(options.take<std::string>("secret-kind"));
    if (!text)
        return {};
    change.secret_kind = find_secret_kind(*text);
    return change.secret_kind ? Result<void>() : Errc::UnknownOption;
}

Strings texts_of(const PermissionList& permissions) {
    Strings texts;
    for (const Permission& permission : permissions)
        texts.push_back(permission.text());
    return texts;
}

Strings texts_of(const TargetList& targets) {
    Strings texts;
    for (const Target& target : targets)
        texts.push_back(target.text());
    return texts;
}

}  // namespace

Result<TokenChange> parse_token_change(bus::Dict options, ChangeKeys keys, UnixTime now) {
    TokenChange change;
    TRY(take_expires(options, change, now));
    if (keys != ChangeKeys::Regenerate) {
        TRY(take_targets(options, change));
        TRY(take_rules(options, change));
        TRY(take_confirm(options, change));
    }
    if (keys == ChangeKeys::Import || keys == ChangeKeys::Update)
        TRY(take_permissions(options, change));
    if (keys != ChangeKeys::Create)
        TRY(take_username(options, change));
    if (keys == ChangeKeys::Import || keys == ChangeKeys::Update)
        change.through_gateway = TRY(options.take<bool>("through-gateway"));
    if (keys == ChangeKeys::Import)
        TRY(take_secret_kind(options, change));
    if (keys == ChangeKeys::Update) {
        TRY(take_description(options, change));
        change.reinstate = TRY(options.take<bool>("reinstate")).value_or(false);
    }
    TRY(options.expect_empty());
    return change;
}

bus::Dict describe(const Token& token, const LastUse& last_use, const DescribedAt& at) {
    bus::Dict dict;
    dict.set("id", token.id.text());
    dict.set("kind", std::string(token_kind_name(token.kind)));
    if (token.kind == TokenKind::Imported) {
        dict.set("secret-kind", std::string(secret_kind_name(token.secret_kind)));
        dict.set("through-gateway", token.through_gateway);
    }
    dict.set("state", is_expired(token, at.now) ? std::string("expired")
                                                : std::string(token_state_name(token.state)));
    dict.set("provenance",
             std::string(token.provenance == Provenance::User ? "user" : "git-store"));
    dict.set("confirm", std::string(token.confirm == Confirm::Always ? "always" : "never"));
    dict.set("description", token.description);
    dict.set("permissions", texts_of(token.permissions));
    dict.set("targets", texts_of(token.targets));
    dict.set("only-units", token.rules.units());
    if (!token.rules.empty())
        dict.set("only-units-are", std::string(has_peer_descriptors() ? "enforced" : "advisory"));
    dict.set("username", token.username);
    dict.set("created", token.created);
    dict.set("expires", token.expires);
    dict.set("expires-soon",
             !is_stored_by_git(token) && token.expires > at.now && token.expires <= at.soon);
    dict.set("refused-places", texts_of(token.refused));
    dict.set("generation", token.generation);
    dict.set("last-used-at", last_use.at);
    dict.set("last-used-by", last_use.by);
    dict.set("last-used-how", last_use.how);
    dict.set("last-used-where", make_visible(last_use.where));
    return dict;
}

}  // namespace patd
