// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/value.h"

#include <systemd/sd-bus.h>

namespace patd::bus {
Result<void> well_formed(int result) {
    if (result < 0)
        return Error{Errc::MalformedRequest, "message body"};
    return {};
}

namespace {

template <typename Wire, typename T>
Result<Value> read_number(sd_bus_message* message, char type) {
    Wire number{};
    TRY(well_formed(sd_bus_message_read_basic(message, type, &number)));
    return Value(static_cast<T>(number));
}

Result<Value> read_text(sd_bus_message* message, char type) {
    const char* text = nullptr;
    TRY(well_formed(sd_bus_message_read_basic(message, type, static_cast<void*>(&text))));
    return Value(std::string(text));
}

bool is_known(std::string_view type) {
    return type == "as" ||
           (type.size() == 1 && std::string_view("soxtub").find(type) != std::string_view::npos);
}

Result<Value> read_known(sd_bus_message* message, std::string_view type, std::size_t strings_max) {
    if (type == "as")
        return Value(TRY(read_strings(message, strings_max)));
    if (type == "x")
        return read_number<std::int64_t, std::int64_t>(message, 'x');
    if (type == "t")
        return read_number<std::uint64_t, std::uint64_t>(message, 't');
    if (type == "u")
        return read_number<std::uint32_t, std::uint32_t>(message, 'u');
    if (type == "b")
        return read_number<int, bool>(message, 'b');
    return read_text(message, type.front());
}

struct Appender {
    sd_bus_message* message;
    int operator()(const std::string& text) const {
        return sd_bus_message_append(message, "v", "s", text.c_str());
    }
    int operator()(const std::vector<std::string>& texts) const {
        int result = sd_bus_message_open_container(message, 'v', "as");
        if (result >= 0)
            result = append_strings(message, texts);
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
    int operator()(std::uint64_t number) const {
        return sd_bus_message_append(message, "v", "t", number);
    }
};

}  // namespace

int append_value(sd_bus_message* message, const Value& value) {
    return std::visit(Appender{message}, value);
}

int append_strings(sd_bus_message* message, const std::vector<std::string>& texts) {
    int result = sd_bus_message_open_container(message, 'a', "s");
    for (const std::string& text : texts) {
        if (result >= 0)
            result = sd_bus_message_append(message, "s", text.c_str());
    }
    return result < 0 ? result : sd_bus_message_close_container(message);
}

Result<std::optional<Value>> read_value(sd_bus_message* message, std::size_t strings_max) {
    char outer = 0;
    const char* inner = nullptr;
    TRY(well_formed(sd_bus_message_peek_type(message, &outer, &inner)));
    if (outer != SD_BUS_TYPE_VARIANT || inner == nullptr)
        return Error{Errc::MalformedRequest, "no variant"};
    const std::string type(inner);
    if (!is_known(type))
        return std::optional<Value>();
    TRY(well_formed(sd_bus_message_enter_container(message, 'v', type.c_str())));
    std::optional<Value> value(TRY(read_known(message, type, strings_max)));
    TRY(well_formed(sd_bus_message_exit_container(message)));
    return value;
}

Result<std::vector<std::string>> read_strings(sd_bus_message* message, std::size_t strings_max) {
    std::vector<std::string> texts;
    TRY(well_formed(sd_bus_message_enter_container(message, 'a', "s")));
    while (true) {
        const char* text = nullptr;
        const int got = sd_bus_message_read_basic(message, 's', static_cast<void*>(&text));
        TRY(well_formed(got));
        if (got == 0)
            break;
        if (texts.size() == strings_max)
            return Error{Errc::MalformedRequest, "too many strings"};
        texts.emplace_back(text);
    }
    TRY(well_formed(sd_bus_message_exit_container(message)));
    return texts;
}

}  // namespace patd::bus
