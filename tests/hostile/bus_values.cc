// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/bus_values.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <vector>

namespace patd::hostile {
namespace {

// More than any message of a good client; the bus carries more still.
constexpr std::size_t kValuesPerMessage = 6000;
constexpr std::size_t kMessageBytes = 70000;
constexpr std::size_t kLongMessageBytes = 3000000;
constexpr std::size_t kDepthMax = 16;  // half of what the bus carries

using Keys = std::vector<std::string_view>;

// The options of each method.
const Keys& keys_of(std::string_view method) {
    static const std::map<std::string_view, Keys> all = {
        {"Create", {"targets", "only-units", "expires", "confirm"}},
        {"Import",
         {"targets", "username", "permissions", "only-units", "expires", "confirm", "secret-kind",
          "through-gateway"}},
        {"ImportMany",
         {"description", "targets", "username", "permissions", "only-units", "expires", "confirm",
          "secret-kind", "through-gateway"}},
        {"Explain", {"unit", "permissions", "username", "tool"}},
        {"ListEvents", {"limit", "token", "unit", "since", "until", "uid"}},
        {"Unlock", {"token", "seconds"}},
        {"Verify", {"permission", "audience", "user"}},
        {"Expose", {"only", "seconds"}},
        {"Update",
         {"description", "permissions", "targets", "only-units", "username", "expires", "confirm",
          "reinstate", "through-gateway"}},
        {"Regenerate", {"expires", "username"}},
        {"Restore", {"accept-rollback", "keep-dead", "dry-run"}},
        {"AcceptRollback", {"keep-dead", "revive", "dry-run"}},
    };
    static const Keys every = [] {
        Keys keys;
        for (const auto& [name, known] : all)
            keys.insert(keys.end(), known.begin(), known.end());
        return keys;
    }();
    const auto found = all.find(method);
    return found == all.end() ? every : found->second;
}

constexpr std::array<std::int64_t, 14> kNumbers = {
    0,    1,     -1,         2,          16,          60,         1000,
    1001, 28800, 4294967295, 4294967296, 99999999999, 1700000000, 0x7fffffff};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    for (const std::string_view one : keys) {
        if (one == key)
            return true;
    }
    return false;
}

std::string type_of(std::string_view key) {
    if (is_one_of(key, {"permissions", "targets", "only-units", "only", "accept-rollback"}))
        return "as";
    if (is_one_of(key, {"expires", "seconds", "since", "until"}))
        return "x";
    if (is_one_of(key, {"limit", "uid"}))
        return "u";
    return is_one_of(key, {"reinstate", "keep-dead", "dry-run", "revive", "through-gateway"}) ? "b"
                                                                                              : "s";
}

void append_strings(sd_bus_message* message, const std::vector<std::string>& texts) {
    (void)sd_bus_message_open_container(message, 'a', "s");
    for (const std::string& text : texts)
        (void)sd_bus_message_append_basic(message, 's', text.c_str());
    (void)sd_bus_message_close_container(message);
}

}  // namespace

std::size_t BusValues::type_length(std::string_view signature) {
    std::size_t at = 0;
    while (signature[at] == 'a')
        ++at;
    int depth = 0;
    do {
        depth += signature[at] == '(' || signature[at] == '{' ? 1 : 0;
        depth -= signature[at] == ')' || signature[at] == '}' ? 1 : 0;
        ++at;
    } while (depth > 0);
    return at;
}

std::int64_t BusValues::number() {
    if (chance_.one_in(3))
        return static_cast<std::int64_t>(chance_.any());
    return chance_.one_in(2) ? std::time(nullptr) + chance_.pick(kNumbers) : chance_.pick(kNumbers);
}

void BusValues::begin_message() {
    room_ = kValuesPerMessage;
    texts_.set_room(chance_.one_in(20) ? kLongMessageBytes : kMessageBytes);
}

std::int64_t BusValues::good_number(std::string_view key) {
    constexpr std::size_t kQuarter = 90UL * 24 * 3600;
    if (key == "expires" || key == "until")
        return std::time(nullptr) + static_cast<std::int64_t>(chance_.between(60, kQuarter));
    return static_cast<std::int64_t>(chance_.between(1, 1000));
}

void BusValues::append_argument(sd_bus_message* message, const std::string& method,
                                const support::BusArgument& argument) {
    if (argument.type == "s") {
        (void)sd_bus_message_append_basic(message, 's', texts_.any(argument.name).c_str());
    } else if (argument.type == "as") {
        append_strings(message, chance_.one_in(3) ? texts_.list(argument.name)
                                                  : std::vector{texts_.good(argument.name)});
    } else if (argument.type == "a{sv}") {
        chance_.one_in(3) ? append_odd_options(message) : append_options(message, method);
    } else if (argument.type == "aa{sv}") {
        append_list(message, method);
    } else if (argument.type == "u") {
        append_numbers(message, 'u', number());
    } else {
        append_any(message, argument.type);
    }
}

void BusValues::append_list(sd_bus_message* message, const std::string& method) {
    static constexpr std::array<std::size_t, 8> kCounts = {0, 1, 1, 2, 3, 16, 1000, 1001};
    const std::size_t count = chance_.pick(kCounts);
    const bool good = chance_.one_in(2);
    (void)sd_bus_message_open_container(message, 'a', "a{sv}");
    for (std::size_t i = 0; i < count; ++i)
        good ? append_options(message, method) : append_odd_options(message);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_options(sd_bus_message* message, const std::string& method) {
    (void)sd_bus_message_open_container(message, 'a', "{sv}");
    for (const std::string_view key : keys_of(method)) {
        if (chance_.one_in(2))
            append_entry(message, key, true);
    }
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_odd_options(sd_bus_message* message) {
    std::size_t keys = chance_.one_in(8) ? chance_.between(60, 70) : chance_.below(6);
    keys = std::min(keys, room_);
    room_ -= keys;
    (void)sd_bus_message_open_container(message, 'a', "{sv}");
    for (std::size_t i = 0; i < keys; ++i)
        append_entry(message, chance_.pick(keys_of("")), false);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_entry(sd_bus_message* message, std::string_view key, bool good) {
    const std::string name = good || !chance_.one_in(6) ? std::string(key) : texts_.odd();
    (void)sd_bus_message_open_container(message, 'e', "sv");
    (void)sd_bus_message_append_basic(message, 's', name.c_str());
    append_option(message, key, good);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_import(sd_bus_message* message, bool described) {
    (void)sd_bus_message_open_container(message, 'a', "{sv}");
    append_entry(message, "targets", true);
    append_entry(message, "username", true);
    if (described)
        append_entry(message, "description", true);
    if (chance_.one_in(4))
        append_entry(message, "permissions", true);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_option(sd_bus_message* message, std::string_view key, bool good) {
    std::string type = type_of(key);
    if (!good && chance_.one_in(5))
        return append_variant(message, one_type(chance_.one_in(8) ? kDepthMax : 2));
    (void)sd_bus_message_open_container(message, 'v', type.c_str());
    if (type == "as") {
        append_strings(message, good ? std::vector{texts_.good(key)} : texts_.list(key));
    } else if (type == "s") {
        (void)sd_bus_message_append_basic(message, 's',
                                          (good ? texts_.good(key) : texts_.any(key)).c_str());
    } else {
        append_numbers(message, type.front(), good ? good_number(key) : number());
    }
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_numbers(sd_bus_message* message, char type, std::int64_t value) {
    if (type == 'x' || type == 't') {
        (void)sd_bus_message_append_basic(message, type, &value);
        return;
    }
    int flag = static_cast<int>(value & 1);
    auto small = static_cast<std::uint32_t>(value);
    if (small == spared_)
        ++small;
    (void)sd_bus_message_append_basic(message, type,
                                      type == 'b' ? static_cast<const void*>(&flag) : &small);
}

void BusValues::append_basic(sd_bus_message* message, char type) {
    const std::uint64_t bits = chance_.any();
    const int flag = static_cast<int>(bits & 1);
    const int fd = type == 'h' ? descriptors_.any() : -1;
    switch (type) {
        case 's':
            (void)sd_bus_message_append_basic(message, 's', texts_.odd().c_str());
            break;
        case 'o':
            (void)sd_bus_message_append_basic(message, 'o', (bits & 1) != 0 ? "/" : "/org/patd/x");
            break;
        case 'g':
            (void)sd_bus_message_append_basic(message, 'g', one_type(3).c_str());
            break;
        case 'b':
            (void)sd_bus_message_append_basic(message, 'b', &flag);
            break;
        case 'h':
            (void)sd_bus_message_append_basic(message, 'h', &fd);
            break;
        case 'u':
            append_numbers(message, 'u', number());
            break;
        default:
            (void)sd_bus_message_append_basic(message, type, &bits);
    }
}

void BusValues::append_array(sd_bus_message* message, const std::string& element) {
    static constexpr std::array<std::size_t, 8> kCounts = {0, 1, 1, 2, 3, 65, 1025, 5000};
    if (sd_bus_message_open_container(message, 'a', element.c_str()) < 0)
        return;
    const std::size_t count = chance_.pick(kCounts);
    for (std::size_t i = 0; i < count && room_ > 0; ++i)
        append_any(message, element);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_variant(sd_bus_message* message, const std::string& type) {
    if (sd_bus_message_open_container(message, 'v', type.c_str()) < 0)
        return;
    append_any(message, type);
    (void)sd_bus_message_close_container(message);
}

void BusValues::append_any(sd_bus_message* message, const std::string& type) {
    room_ -= room_ > 0 ? 1 : 0;
    const char kind = type.front();
    if (kind == 'a')
        return append_array(message, type.substr(1));
    if (kind == 'v')
        return append_variant(message, room_ == 0 ? "y" : one_type(3));
    if (kind != '(' && kind != '{')
        return append_basic(message, kind);
    const std::string inner = type.substr(1, type.size() - 2);
    if (sd_bus_message_open_container(message, kind == '(' ? 'r' : 'e', inner.c_str()) < 0)
        return;
    for (std::size_t at = 0; at < inner.size();) {
        const std::size_t length = type_length(std::string_view(inner).substr(at));
        append_any(message, inner.substr(at, length));
        at += length;
    }
    (void)sd_bus_message_close_container(message);
}

std::string BusValues::one_type(std::size_t depth) {
    static constexpr std::string_view kBasic = "ybnqiuxtdsoghs";
    const auto basic = [this] { return std::string(1, kBasic[chance_.below(kBasic.size())]); };
    if (depth == 0)
        return basic();
    switch (chance_.below(depth > 4 ? 5 : 8)) {
        case 0:
            return "a" + one_type(depth - 1);
        case 1:
            return "a{" + basic() + one_type(depth - 1) + "}";
        case 2: {
            std::string fields = one_type(depth - 1);
            for (std::size_t i = chance_.below(3); i > 0; --i)
                fields += basic();
            return "(" + fields + ")";
        }
        case 3:
            return "v";
        case 4:
            return depth > 4 ? "a" + one_type(depth - 1) : basic();
        default:
            return basic();
    }
}

std::string BusValues::signature(std::size_t types) {
    std::string all;
    for (std::size_t i = chance_.below(types + 1); i > 0; --i)
        all += one_type(chance_.one_in(10) ? kDepthMax : 3);
    return all.size() > 255 ? "s" : all;
}

}  // namespace patd::hostile
