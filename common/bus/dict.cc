// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/dict.h"

#include "common/bus/handles.h"

#include <fcntl.h>

namespace patd::bus {
namespace {

constexpr std::size_t kKeysMax = 64;
constexpr std::size_t kStringsMax = 1024;

Result<void> well_formed(int result) {
    if (result < 0)
        return Error{Errc::MalformedRequest, "message body"};
    return {};
}

template <typename Wire, typename T>
Result<Value> read_number(sd_bus_message* message, char type) {
    Wire number{};
    TRY(well_formed(sd_bus_message_read_basic(message, type, &number)));
    return Value(static_cast<T>(number));
}

Result<Value> read_value(sd_bus_message* message, const std::string& type) {
    if (type == "s" || type == "o") {
        const char* text = nullptr;
        TRY(well_formed(sd_bus_message_read_basic(message, type[0], static_cast<void*>(&text))));
        return Value(std::string(text));
    }
    if (type == "as")
        return Value(TRY(read_strings(message)));
    if (type == "x")
        return read_number<std::int64_t, std::int64_t>(message, 'x');
    if (type == "t")
        return read_number<std::uint64_t, std::int64_t>(message, 't');
    if (type == "u")
        return read_number<std::uint32_t, std::uint32_t>(message, 'u');
    if (type == "b")
        return read_number<int, bool>(message, 'b');
    return Error{Errc::MalformedRequest, "type of an option"};
}

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
    const char* type = nullptr;
    TRY(well_formed(sd_bus_message_peek_type(message, nullptr, &type)));
    const std::string contents(type);
    TRY(well_formed(sd_bus_message_enter_container(message, 'v', contents.c_str())));
    Value value = TRY(read_value(message, contents));
    TRY(well_formed(sd_bus_message_exit_container(message)));
    if (values.size() == kKeysMax || !values.emplace(key, std::move(value)).second ||
        strings_in(values) > kStringsMax)
        return Error{Errc::MalformedRequest, "options"};
    return {};
}

struct Appender {
    sd_bus_message* message;
    int operator()(const std::string& text) const {
        return sd_bus_message_append(message, "v", "s", text.c_str());
    }
    int operator()(const std::vector<std::string>& texts) const {
        int result = sd_bus_message_open_container(message, 'v', "as");
        if (result >= 0)
            result = sd_bus_message_open_container(message, 'a', "s");
        for (const std::string& text : texts) {
            if (result >= 0)
                result = sd_bus_message_append(message, "s", text.c_str());
        }
        if (result >= 0)
            result = sd_bus_message_close_container(message);
        return result < 0 ? result : sd_bus_message_close_container(message);
    }
    int operator()(std::int64_t number) const {
        return sd_bus_message_append(message, "v", "x", number);
    }
    int operator()(std::uint32_t number) const {
        return sd_bus_message_append(message, "v", "u", number);
    }
    int operator()(bool flag) const {
        return sd_bus_message_append(message, "v", "b", static_cast<int>(flag));
    }
};

// A length, a signature, a NUL and what aligns them: of a string, an entry or a number.
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
        TRY(check(std::visit(Appender{message}, value), "append value"));
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
    std::vector<std::string> texts;
    TRY(well_formed(sd_bus_message_enter_container(message, 'a', "s")));
    while (true) {
        const char* text = nullptr;
        const int got = sd_bus_message_read_basic(message, 's', static_cast<void*>(&text));
        TRY(well_formed(got));
        if (got == 0)
            break;
        if (texts.size() == kStringsMax)
            return Error{Errc::MalformedRequest, "too many strings"};
        texts.emplace_back(text);
    }
    TRY(well_formed(sd_bus_message_exit_container(message)));
    return texts;
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
