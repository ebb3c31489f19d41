// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/form.h"

#include <algorithm>

namespace patd::web {
namespace {

int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

bool is_plain(char byte) {
    return byte != '%' && byte != '+' && !is_control(byte);
}

Result<char> unescape(std::string_view text) {
    if (text.size() < 3)
        return Error{Errc::MalformedRequest, "an escape that is cut short"};
    const int high = hex_digit(text[1]);
    const int low = hex_digit(text[2]);
    if (high < 0 || low < 0)
        return Error{Errc::MalformedRequest, "an escape that is none"};
    return static_cast<char>(high * 16 + low);
}

Result<std::string_view> decode(std::string_view text, SecretBuffer& room) {
    if (std::all_of(text.begin(), text.end(), is_plain))
        return text;
    const std::size_t start = room.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char byte = text[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            byte = TRY(unescape(text.substr(i)));
            i += 2;
        }
        if (is_control(byte))
            return Error{Errc::MalformedRequest, "a control character"};
        TRY(room.append({&byte, 1}));
    }
    const std::span<const char> decoded = room.reveal().subspan(start);
    return std::string_view(decoded.data(), decoded.size());
}

}  // namespace

Result<Form> Form::parse(std::string_view text, SecretBuffer& room) {
    Form form;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty())
            continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        Field field{TRY(decode(pair.substr(0, equals), room)), {}};
        if (equals < pair.size())
            field.value = TRY(decode(pair.substr(equals + 1), room));
        if (form.find(field.name) || form.count_ == form.fields_.size())
            return Error{Errc::MalformedRequest, "a field twice, or too many"};
        form.fields_[form.count_++] = field;
    }
    return form;
}

std::optional<std::string_view> Form::find(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if (fields_[i].name == name)
            return fields_[i].value;
    }
    return std::nullopt;
}

bool Form::has_only(std::initializer_list<std::string_view> names) const {
    return std::all_of(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(count_),
                       [&](const Field& field) {
                           return std::find(names.begin(), names.end(), field.name) != names.end();
                       });
}

std::optional<TargetParts> divide_target(std::string_view target) {
    if (!target.starts_with('/') || target.find('#') != target.npos)
        return std::nullopt;
    const std::size_t mark = std::min(target.find('?'), target.size());
    return TargetParts{target.substr(0, mark), target.substr(std::min(mark + 1, target.size()))};
}

}  // namespace patd::web
