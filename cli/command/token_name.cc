// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/token_name.h"

#include "cli/text/shown_value.h"
#include "cli/text/table.h"
#include "cli/text/time_text.h"
#include "common/base/nearest_name.h"

#include <algorithm>

namespace patd::cli {
namespace {

using Tokens = std::vector<client::Dictionary>;

constexpr std::size_t kMeantShown = 8;  // of those that may be meant

bool is_meant(const client::Dictionary& token, const std::string& name) {
    return token.text("description") == name ||
           (!name.empty() && token.text("id").starts_with(name));
}

// A name with blanks in it has to be told from the sentence.
std::string repeat(const std::string& name) {
    return "'" + (name.empty() ? name : shown_value(name)) + "'";
}

Error ambiguous(const std::string& name, const Tokens& meant) {
    std::string text =
        repeat(name) + " may be one of " + std::to_string(meant.size()) + " tokens: ";
    for (std::size_t i = 0; i < meant.size() && i < kMeantShown; ++i)
        text += (i == 0 ? "" : "; ") + call_token(meant[i]);
    return {Errc::NotFound,
            text + (meant.size() > kMeantShown ? "; ..." : "") + "; name it by its id"};
}

Error unknown(const std::string& name, const Tokens& tokens) {
    std::vector<std::string> names;
    for (const client::Dictionary& token : tokens) {
        names.push_back(token.text("description"));
        names.push_back(token.text("id"));
    }
    const std::string nearest = nearest_name(name, names);
    return {Errc::NotFound,
            repeat(name) + " is no id, beginning of one or description" +
                (nearest.empty() ? "" : "; did you mean '" + printable(nearest) + "'?")};
}

}  // namespace

Result<client::Dictionary> find_named(const std::vector<client::Dictionary>& tokens,
                                      const std::string& name) {
    Tokens meant;
    for (const client::Dictionary& token : tokens) {
        if (token.text("id") == name)
            return token;
        if (is_meant(token, name))
            meant.push_back(token);
    }
    if (meant.size() == 1)
        return std::move(meant.front());
    return meant.empty() ? unknown(name, tokens) : ambiguous(name, meant);
}

Result<client::Dictionary> find_token(client::TokensClient& client, const std::string& name) {
    // Most names are ids, and many tokens need not be listed for one.
    if (const std::optional<TokenId> id = TokenId::parse(name)) {
        Result<client::Dictionary> token = client.show(*id);
        if (token || token.error().code != Errc::NotFound)
            return token;
    }
    return find_named(TRY(client.list()), name);
}

Result<TokenId> find_token_id(client::TokensClient& client, const std::string& name) {
    return id_of(TRY(find_token(client, name)));
}

Result<TokenId> id_of(const client::Dictionary& token) {
    const std::optional<TokenId> id = TokenId::parse(token.text("id"));
    if (!id)
        return Error{Errc::Internal, "the service named a token without an id"};
    return *id;
}

std::string introduce_token(const client::Dictionary& token, UnixTime now) {
    const std::vector<std::string> targets = token.texts("targets");
    std::string place = targets.empty() ? "no target" : printable(targets.front());
    if (targets.size() > 1)
        place += " and " + std::to_string(targets.size() - 1) + " more";
    const UnixTime used = token.time("last-used-at");
    return call_token(token, ", " + place + ", " +
                                 (used == 0 ? "never used" : "used " + format_distance(used, now)));
}

std::string format_deletion(const std::vector<client::Dictionary>& tokens, UnixTime now,
                            const std::string& owner) {
    const std::string of = owner.empty() ? "" : " of " + owner;
    if (tokens.size() == 1)
        return "Delete token " + introduce_token(tokens.front(), now) + of + "?";
    std::string text;
    for (const client::Dictionary& token : tokens)
        text += "  " + introduce_token(token, now) + "\n";
    return text + "Delete these " + std::to_string(tokens.size()) + " tokens" + of + "?";
}

}  // namespace patd::cli
