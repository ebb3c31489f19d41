// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/arguments.h"

#include "cli/session/options.h"
#include "cli/session/plain_http.h"
#include "cli/session/typed_values.h"
#include "cli/text/duration.h"
#include "common/token/token.h"

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

// Collects what is wrong with one argument.
class Argument {
  public:
    Argument(std::string name, Faults& faults) : name_(std::move(name)), faults_(faults) {}

    template <typename T>
    bool check(const Result<T>& value, std::optional<std::size_t> item = {}) {
        if (!value)
            faults_.push_back({value.error(), name_, item});
        return static_cast<bool>(value);
    }

    // Each alone first, so that each fault has its item; then all of them together.
    template <typename Read>
    bool check_list(const Texts& texts, const Read& read) {
        bool is_good = true;
        for (std::size_t i = 0; i < texts.size(); ++i)
            is_good = check(read(Texts{texts[i]}), i) && is_good;
        return is_good && check(read(texts));
    }

  private:
    std::string name_;
    Faults& faults_;
};

Result<void> read_place(const std::string& text, bool insecure_http) {
    const TargetList targets = TRY(read_targets({text}));
    if (!insecure_http && is_plain_http(targets.front()))
        return Error{Errc::InvalidTarget,
                     targets.front().url() +
                         ": http sends the token unencrypted, for everybody on the way to read; "
                         "write https"};
    return {};
}

void put_targets(const Arguments& arguments, client::Dictionary& dictionary, Faults& faults) {
    const Texts& texts = *arguments.targets;
    Argument argument("targets", faults);
    bool is_good = true;
    for (std::size_t i = 0; i < texts.size(); ++i)
        is_good =
            argument.check(read_place(texts[i], arguments.insecure_http.value_or(false)), i) &&
            is_good;
    if (is_good && !texts.empty())
        is_good = argument.check(read_targets(texts));
    if (is_good)
        dictionary.set("targets", texts);
}

void put_expires(const std::string& text, UnixTime now, client::Dictionary& dictionary,
                 Faults& faults) {
    Argument argument("expires", faults);
    const Result<UnixTime> typed = parse_expiry_text(text, now);
    if (!argument.check(typed))
        return;
    const Result<UnixTime> expires = parse_expiry(*typed, now);
    if (argument.check(expires))
        dictionary.set("expires", *expires);
}

void put_confirm(const std::string& text, client::Dictionary& dictionary, Faults& faults) {
    if (text == "always" || text == "never")
        dictionary.set("confirm", text);
    else
        faults.push_back({{Errc::MalformedRequest, "this is neither always nor never"}, "confirm"});
}

}  // namespace

client::Dictionary to_dictionary(const Arguments& arguments, UnixTime now, Faults& faults) {
    client::Dictionary dictionary;
    if (arguments.description &&
        Argument("description", faults).check(read_description(*arguments.description)))
        dictionary.set("description", *arguments.description);
    if (arguments.permissions &&
        Argument("permissions", faults).check_list(*arguments.permissions, read_permissions))
        dictionary.set("permissions", *arguments.permissions);
    if (arguments.targets)
        put_targets(arguments, dictionary, faults);
    if (arguments.only_units &&
        (arguments.only_units->empty() ||
         Argument("only_units", faults).check_list(*arguments.only_units, read_units)))
        dictionary.set("only-units", *arguments.only_units);
    if (arguments.username &&
        Argument("username", faults).check(read_username(*arguments.username)))
        dictionary.set("username", *arguments.username);
    if (arguments.expires)
        put_expires(*arguments.expires, now, dictionary, faults);
    if (arguments.confirm)
        put_confirm(*arguments.confirm, dictionary, faults);
    if (arguments.through_gateway)
        dictionary.set("through-gateway", *arguments.through_gateway);
    if (arguments.reinstate.value_or(false))
        dictionary.set("reinstate", true);
    return dictionary;
}

std::vector<TokenId> read_ids(const Texts& texts, Faults& faults) {
    std::vector<TokenId> ids;
    Argument argument("ids", faults);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Result<TokenId> id = parse_id(texts[i]);
        if (argument.check(id, i))
            ids.push_back(*id);
    }
    if (texts.empty())
        faults.push_back({{Errc::MalformedRequest, "name at least one token"}, "ids"});
    return ids;
}

}  // namespace patd::cli
