// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/dict.h"

#include "common/bus/handles.h"

#include <fcntl.h>

namespace patd::bus {
namespace {

constexpr std::size_t kKeysMax = 64;
constexpr std::size_t kStringsMax = 1024;

std::size_t strings_in(const std::map<std::string, Value>& values) {
    std::size_t count = 0;
    for (const auto& [key, value] : values) {
        if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
            count += texts->size();
    }
    return count;
}

Result<void> read_entry(sd_bus_message* message, std::map<std::string, Value>& values) {
    const std::string key = TRY(read_string(message));
    std::optional<Value> value = TRY(read_value(message, kStringsMax));
    if (!value)
        return Error{Errc::MalformedRequest, "type of an option"};
    if (const auto* unsigned_time = std::get_if<std::uint64_t>(&*value))
        value = static_cast<std::int64_t>(*unsigned_time);
    if (values.size() == kKeysMax || !values.emplace(key, std::move(*value)).second ||
        strings_in(values) > kStringsMax)
        return Error{Errc::MalformedRequest, "options"};
    return {};
}

// The length, signature, NUL and alignment of a string, an entry or a number.
constexpr std::size_t kValueBytes = 32;

struct Measurer {
    std::size_t operator()(const std::string& text) const { return kValueBytes + text.size(); }
    std::size_t operator()(const std::vector<std::string>& texts) const {
        std::size_t bytes = kValueBytes;
        for (const std::string& text : texts)
            bytes += 8 + text.size();
        return bytes;
    }
    std::size_t operator()(std::int64_t) const { return kValueBytes; }
    std::size_t operator()(std::uint32_t) const { return kValueBytes; }
    std::size_t operator()(bool) const { return kValueBytes; }
    std::size_t operator()(std::uint64_t) const { return kValueBytes; }
};

}  // namespace

Result<Dict> Dict::read(sd_bus_message* message) {
    Dict dict;
    TRY(well_formed(sd_bus_message_enter_container(message, 'a', "{sv}")));
    while (true) {
        const int entered = sd_bus_message_enter_container(message, 'e', "sv");
        TRY(well_formed(entered));
        if (entered == 0)
            break;
        TRY(read_entry(message, dict.values_));
        TRY(well_formed(sd_bus_message_exit_container(message)));
    }
    TRY(well_formed(sd_bus_message_exit_container(message)));
    return dict;
}

Result<void> Dict::append_to(sd_bus_message* message) const {
    TRY(check(sd_bus_message_open_container(message, 'a', "{sv}"), "open a{sv}"));
    for (const auto& [key, value] : values_) {
        TRY(check(sd_bus_message_open_container(message, 'e', "sv"), "open entry"));
        TRY(check(sd_bus_message_append(message, "s", key.c_str()), "append key"));
        TRY(check(append_value(message, value), "append value"));
        TRY(check(sd_bus_message_close_container(message), "close entry"));
    }
    return check(sd_bus_message_close_container(message), "close a{sv}");
}

const Value* Dict::find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
}

Result<void> Dict::expect_empty() const {
    if (!values_.empty())
        return Errc::UnknownOption;
    return {};
}

std::size_t Dict::bytes_max() const {
    std::size_t bytes = kValueBytes;
    for (const auto& [key, value] : values_)
        bytes += kValueBytes + key.size() + std::visit(Measurer{}, value);
    return bytes;
}

Result<void> enter_dicts(sd_bus_message* message) {
    return well_formed(sd_bus_message_enter_container(message, 'a', "a{sv}"));
}

Result<std::optional<Dict>> next_dict(sd_bus_message* message) {
    const int at_end = sd_bus_message_at_end(message, 0);
    TRY(well_formed(at_end));
    if (at_end > 0) {
        TRY(well_formed(sd_bus_message_exit_container(message)));
        return std::optional<Dict>();
    }
    return std::optional<Dict>(TRY(Dict::read(message)));
}

Result<void> open_dicts(sd_bus_message* message) {
    return check(sd_bus_message_open_container(message, 'a', "a{sv}"), "open aa{sv}");
}

Result<void> close_dicts(sd_bus_message* message) {
    return check(sd_bus_message_close_container(message), "close aa{sv}");
}

Result<std::vector<std::string>> read_strings(sd_bus_message* message) {
    return read_strings(message, kStringsMax);
}

Result<UniqueFd> read_descriptor(sd_bus_message* message) {
    int borrowed = -1;
    if (sd_bus_message_read_basic(message, SD_BUS_TYPE_UNIX_FD, &borrowed) <= 0)
        return Errc::MalformedRequest;
    UniqueFd own(fcntl(borrowed, F_DUPFD_CLOEXEC, 3));
    if (!own)
        return Errc::BadSink;
    return own;
}

Result<std::string> read_string(sd_bus_message* message) {
    const char* text = nullptr;
    TRY(well_formed(sd_bus_message_read_basic(message, 's', static_cast<void*>(&text))));
    return std::string(text == nullptr ? "" : text);
}

}  // namespace patd::bus
