// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/fault.h"

#include "common/base/names.h"

#include <string_view>

namespace patd::cli {
namespace {

// "see x" as "See x."
std::string as_sentence(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

std::string ended(const std::string& text) {
    return text.ends_with('.') || text.ends_with('?') ? text : text + ".";
}

// Some say behind their semicolon what is no advice.
bool is_advice(Errc code, std::string_view text) {
    return code != Errc::AccessDenied && !text.starts_with("nothing was ");
}

}  // namespace

Fault fault_of_program(Errc code, std::string text, std::string_view field) {
    return {{code, std::move(text) + "; see patctl-converse(7)"}, std::string(field)};
}

std::string field_of(Errc code) {
    switch (code) {
        case Errc::InvalidDescription:
            return "description";
        case Errc::InvalidPermission:
        case Errc::UnknownPermission:
            return "permissions";
        case Errc::InvalidTarget:
            return "targets";
        case Errc::InvalidRule:
            return "only_units";
        case Errc::InvalidExpiry:
            return "expires";
        case Errc::InvalidUsername:
        case Errc::TokenAsUsername:
            return "username";
        case Errc::NotFound:
            return "id";
        case Errc::WrongPassword:
        case Errc::InvalidPassword:
        case Errc::PasswordNotAccepted:
            return "password";
        case Errc::InvalidSecret:
            return "secret";
        default:
            return "";
    }
}

nlohmann::ordered_json to_json(const Fault& fault, const std::string& sentence) {
    const std::size_t at = sentence.find("; ");
    const bool has_fix =
        at != std::string::npos && is_advice(fault.error.code, sentence.substr(at + 2));
    nlohmann::ordered_json object;
    object["name"] = names::kErrorPrefix + std::string(errc_name(fault.error.code));
    object["message"] = ended(has_fix ? sentence.substr(0, at) : sentence);
    object["fix"] = nullptr;
    if (has_fix)
        object["fix"] = ended(as_sentence(sentence.substr(at + 2)));
    object["field"] = nullptr;
    if (!fault.field.empty())
        object["field"] = fault.field;
    object["item"] = nullptr;
    if (fault.item)
        object["item"] = *fault.item;
    object["seconds"] = nullptr;
    if (fault.seconds)
        object["seconds"] = *fault.seconds;
    return object;
}

}  // namespace patd::cli
