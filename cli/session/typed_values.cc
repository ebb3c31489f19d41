// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/typed_values.h"

#include "cli/text/counted.h"
#include "cli/text/duration.h"
#include "cli/text/shown_value.h"
#include "common/base/limits.h"
#include "common/token/token.h"

namespace patd::cli {
namespace {

Error fault(Errc code, const std::string& typed, const std::string& why) {
    return {code, shown_value(typed) + ": " + why};
}

// `git@host:path`, which ssh and git alike take for a remote.
std::string https_form(const std::string& remote) {
    const std::size_t at = remote.find('@');
    const std::size_t colon = remote.find(':', at);
    return "https://" + remote.substr(at + 1, colon - at - 1) + "/" + remote.substr(colon + 1);
}

bool is_ssh_remote(const std::string& text) {
    const std::size_t at = text.find('@');
    const std::size_t colon = text.find(':');
    return at != std::string::npos && colon != std::string::npos && colon > at;
}

std::string proposed(const std::string& url) {
    const Result<Place> place = parse_place(url);
    return place ? "; did you mean " + place->target.url() + "?" : "";
}

// Why a text of visible characters, such as a description, is none.
std::string text_fault(const std::string& text, std::size_t bytes_max) {
    if (text.empty())
        return "it is empty";
    if (text.size() > bytes_max)
        return "it has " + counted(text.size(), "byte") + "; at most " + std::to_string(bytes_max);
    return "it has characters that cannot be shown, or is not UTF-8";
}

}  // namespace

Result<Permission> read_permission(const std::string& text) {
    Result<Permission> permission = Permission::parse(text);
    if (permission)
        return permission;
    return fault(Errc::InvalidPermission, text,
                 "write a permission as area, area:object, area:object:ro or area:object:rw, "
                 "in small letters; 'patctl permissions' lists them");
}

Result<PermissionList> read_permissions(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
        TRY(read_permission(text));
    Result<PermissionList> all = parse_permissions(texts);
    if (all)
        return all;
    return Error{Errc::InvalidPermission,
                 "these are too many permissions: at most " +
                     std::to_string(limits::kPermissionsPerToken) + ", of " +
                     std::to_string(limits::kPermissionListBytes) + " bytes together"};
}

Error fault_of_url(const std::string& url, const Error& error) {
    if (url.starts_with("ssh://"))
        return fault(error.code, url, "ssh uses keys, not tokens; write its https:// URL");
    if (error.code != Errc::InvalidTarget || url.find("://") != std::string::npos)
        return fault(error.code, url, error.context);
    if (is_ssh_remote(url))
        return fault(error.code, url, "ssh uses keys, not tokens" + proposed(https_form(url)));
    return fault(error.code, url, "begin with https://" + proposed("https://" + url));
}

Result<TargetList> read_targets(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        if (const Result<Target> target = Target::parse(text); !target)
            return fault_of_url(text, target.error());
    }
    Result<TargetList> all = parse_targets(texts);
    if (!all && all.error().context.empty())
        return Error{Errc::InvalidTarget, "these are too many targets: at most " +
                                              std::to_string(limits::kTargetsPerToken)};
    return all;
}

Result<Origin> read_origin(const std::string& text) {
    Result<Origin> origin = Origin::parse(text);
    if (origin)
        return origin;
    const Result<Place> place = parse_place(text);
    if (!place)
        return fault_of_url(text, place.error());
    return fault(origin.error().code, text,
                 "give the service alone: " + place->target.origin().text());
}

Result<std::int64_t> read_lasting(const Lasting& lasting, bool bare_seconds) {
    const std::int64_t seconds =
        TRY(of_option(lasting.option, bare_seconds ? parse_lifetime(lasting.typed)
                                                   : parse_duration(lasting.typed)));
    if (seconds > lasting.most)
        return Error{Errc::InvalidExpiry, std::string(lasting.option) + " " + lasting.typed +
                                              ": at most " + format_duration(lasting.most)};
    return seconds;
}

Error refuse_lasting(client::TokensClient& client, const Lasting& lasting, const Error& error) {
    if (error.code != Errc::InvalidExpiry)
        return error;
    const Result<client::Dictionary> status = client.status();
    const std::int64_t most = status ? status->time(lasting.status) : 0;
    return {error.code, std::string(lasting.option) + " " + lasting.typed +
                            ": this machine allows " +
                            (most == 0 ? "less" : "at most " + format_duration(most)) + " (" +
                            lasting.setting + " of patd.conf(5))"};
}

Result<Place> read_place(const std::string& url, const std::optional<std::string>& username) {
    Result<Place> place = parse_place(url, username);
    if (!place)
        return fault_of_url(url, place.error());
    return place;
}

Result<ReleaseRules> read_units(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (ReleaseRules::parse({name}))
            continue;
        if (name.find('.') == std::string::npos && ReleaseRules::parse({name + ".service"}))
            return fault(Errc::InvalidRule, name,
                         "name the unit with its type; did you mean " + name + ".service?");
        return fault(Errc::InvalidRule, name,
                     "name a service or a scope, such as backup.service or job@1.service, but no "
                     "template");
    }
    Result<ReleaseRules> rules = ReleaseRules::parse(names);
    if (rules)
        return rules;
    return Error{Errc::InvalidRule,
                 "these are too many units: at most " + std::to_string(limits::kRulesPerToken)};
}

Result<std::string> read_description(const std::string& text) {
    Result<std::string> description = parse_description(text);
    if (!description)
        return Error{description.error().code,
                     "the description: " + text_fault(text, limits::kDescriptionBytes)};
    return description;
}

Result<std::string> read_username(const std::string& text) {
    Result<std::string> username = parse_username(text);
    if (!username)
        return Error{username.error().code,
                     "the user name: " + text_fault(text, limits::kUsernameBytes)};
    return username;
}

}  // namespace patd::cli
