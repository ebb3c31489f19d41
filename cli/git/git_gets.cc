// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_gets.h"

#include "cli/git/git_fix.h"
#include "cli/git/git_gateway.h"
#include "cli/git/path_targets.h"
#include "cli/text/call_token.h"
#include "cli/text/wrap.h"
#include "common/token/permission.h"
#include "common/token/target.h"

#include <algorithm>
#include <set>

namespace patd::cli {
namespace {

using Rows = std::vector<client::Dictionary>;

constexpr std::size_t kPlacesExplained = 16;

const client::Dictionary* find_row(const Rows& rows, std::string_view key,
                                   const std::string& value) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const client::Dictionary& row) {
        return row.text(key) == value;
    });
    return found == rows.end() ? nullptr : &*found;
}

// What `old` can do and `fresh` cannot.
std::string format_lost(const client::Dictionary& old, const client::Dictionary& fresh) {
    const Result<PermissionList> held = parse_permissions(fresh.texts("permissions"));
    std::string lost;
    for (const std::string& text : old.texts("permissions")) {
        const Result<PermissionList> one = parse_permissions({text});
        if (one && !(held && covers(*held, *one)))
            lost += (lost.empty() ? "" : ", ") + printable(text);
    }
    return lost.empty() ? "" : ", which also has " + lost;
}

// Why git gets another one; "" where that is no matter of the two.
std::string format_beaten(const std::string& verdict) {
    if (verdict == "shorter-path")
        return "which is for a narrower place";
    return verdict == "more-permissions" ? "which can do less" : "";
}

// What to say of one place; "" for nothing.
std::string format_change(const std::string& url, const std::string& before,
                          const client::Explanation& now, const std::string& id,
                          const Rows& tokens) {
    const client::Dictionary* own = find_row(now.candidates, "id", id);
    const client::Dictionary* released = find_row(now.candidates, "verdict", "released");
    const std::string see =
        "; see:" + own_line("patctl explain " + printable(quote_for_shell(url)));
    if (own != nullptr && own->text("verdict") == "tied") {
        std::string others;
        for (const client::Dictionary& row : now.candidates) {
            if (row.text("verdict") == "tied" && &row != own)
                others += (others.empty() ? "" : ", ") + call_token(row);
        }
        return "git gets no token for " + url + " now: this one and " + others +
               " fit equally well" + see;
    }
    if (released == nullptr || own == nullptr)
        return {};
    if (released == own) {
        const client::Dictionary* old = find_row(tokens, "id", before);
        const client::Dictionary* fresh = find_row(tokens, "id", id);
        return before.empty() || before == id || old == nullptr || fresh == nullptr
                   ? std::string()
                   : "from now on git gets this token for " + url + ", and no longer " +
                         call_token(*old) + format_lost(*old, *fresh);
    }
    const std::string why = format_beaten(own->text("verdict"));
    return why.empty() ? why
                       : "for " + url + " git gets " + call_token(*released) + ", " + why +
                             ", and not this token" + see;
}

// Of a token that goes through the gateway: whether git does.
void tell_way(const Session& session, client::TokensClient& client,
              const client::Dictionary& token) {
    const Result<client::Dictionary> status = client.status();
    const std::set<std::string> forges = gateway_forges({token});
    if (status && needs_way(status->text("gateway"), forges))
        session.warn("note: git does not go through the gateway there yet; run:" +
                     own_line("patctl setup gateway"));
}

}  // namespace

void tell_uses(const Session& session, const client::Dictionary& token, const Uses& asked) {
    if (session.json)
        return;
    if (asked.targets && token.texts("targets").empty())
        session.warn(
            "note: it has no target, so git and 'patctl exec' never get it; only services of "
            "this machine accept it; to add one:" +
            own_line("patctl edit " + printable(token.text("id")) + " -t URL"));
    if (asked.expiry && token.text("kind") == "issued" && token.has("expires") &&
        token.time("expires") == 0)
        session.warn("note: it never expires; to change that:" +
                     own_line("patctl edit " + printable(token.text("id")) + " -e 90d"));
}

GitGets::GitGets(const Session& session, client::TokensClient& client,
                 const std::vector<std::string>& targets)
    : targets_(targets) {
    if (session.json)
        return;
    for (const std::string& text : targets) {
        const Result<Target> target = Target::parse(text);
        if (!target || released_.size() >= kPlacesExplained)
            continue;
        const Result<client::Explanation> asked = client.explain(target->url(), {});
        if (!asked)
            continue;
        const client::Dictionary* row = find_row(asked->candidates, "verdict", "released");
        released_.emplace(target->url(), row == nullptr ? "" : row->text("id"));
    }
}

void GitGets::tell_change(const Session& session, client::TokensClient& client, const TokenId& id,
                          Ties ties) const {
    if (released_.empty())
        return;
    const Result<Rows> tokens = client.list();
    for (const auto& [url, before] : released_) {
        const Result<client::Explanation> now = client.explain(url, {});
        if (!now || !tokens ||
            (ties == Ties::AreTold && now->outcome == errc_name(Errc::Ambiguous)))
            continue;
        const std::string text = format_change(url, before, *now, id.text(), *tokens);
        if (!text.empty())
            session.warn("note: " + text);
    }
}

void GitGets::tell_new(const Session& session, client::TokensClient& client,
                       const TokenId& id) const {
    if (session.json)
        return;
    tell_change(session, client, id);
    const Result<client::Dictionary> token = client.show(id);
    if (token)
        tell_uses(session, *token, {.targets = true, .expiry = true});
    std::vector<std::string> urls;
    urls.reserve(released_.size());
    for (const auto& [url, before] : released_)
        urls.push_back(url);
    const std::vector<std::string> fixes = fixes_not_asked(urls);
    for (const std::string& fix : fixes)
        session.warn("note: git does not ask patd there yet; run:" + own_line(printable(fix)));
    if (token && token->flag("through-gateway"))
        return tell_way(session, client, *token);
    if (fixes.empty())
        warn_of_paths(session, targets_);
}

}  // namespace patd::cli
