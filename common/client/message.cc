// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/message.h"

#include <fcntl.h>
#include <systemd/sd-bus.h>

#include <limits>
#include <optional>

namespace patd::client {
namespace {

// The service may send any number.
constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

Result<void> appended(int status) {
    if (status < 0)
        return Error{Errc::MalformedRequest, "a value cannot be sent"};
    return {};
}

// Turns the status of a read or enter into whether there was an element.
Result<bool> present(int status) {
    if (status < 0)
        return Error{Errc::Internal, "an answer of the service has another form than documented"};
    return status > 0;
}

Result<void> must(int status) {
    if (!TRY(present(status)))
        return Error{Errc::Internal, "an answer of the service is too short"};
    return {};
}

Result<void> append_basic(sd_bus_message* message, char type, const void* value) {
    return appended(sd_bus_message_append_basic(message, type, value));
}

template <typename T>
Result<T> read_number(sd_bus_message* message, char type) {
    T number{};
    TRY(must(sd_bus_message_read_basic(message, type, &number)));
    return number;
}

Result<std::string> read_string(sd_bus_message* message, char type) {
    const char* text = nullptr;
    TRY(must(sd_bus_message_read_basic(message, type, &text)));
    return std::string(text);
}

// What would be a bad request is, in an answer, the service's fault.
template <typename T>
Result<T> as_answer(Result<T> read) {
    if (!read)
        return Error{Errc::Internal, "an answer of the service has another form than documented"};
    return read;
}

Result<std::optional<Value>> read_variant(sd_bus_message* message) {
    std::optional<Value> value = TRY(as_answer(bus::read_value(message, kAnyNumber)));
    if (!value)
        TRY(must(sd_bus_message_skip(message, "v")));
    return value;
}

}  // namespace

void Message::Unref::operator()(sd_bus_message* message) const {
    sd_bus_message_unref(message);
}

Message::Message(sd_bus_message* message) : message_(message) {}

Result<void> Message::append_text(const std::string& text) {
    return append_basic(get(), 's', text.c_str());
}

Result<void> Message::append_texts(const std::vector<std::string>& texts) {
    return appended(bus::append_strings(get(), texts));
}

Result<void> Message::append_count(std::uint32_t count) {
    return append_basic(get(), 'u', &count);
}

Result<void> Message::append_dictionary(const Dictionary& dictionary) {
    TRY(appended(sd_bus_message_open_container(get(), 'a', "{sv}")));
    for (const auto& [key, value] : dictionary.entries()) {
        TRY(appended(sd_bus_message_open_container(get(), 'e', "sv")));
        TRY(append_basic(get(), 's', key.c_str()));
        TRY(appended(bus::append_value(get(), value)));
        TRY(appended(sd_bus_message_close_container(get())));
    }
    return appended(sd_bus_message_close_container(get()));
}

Result<void> Message::append_dictionaries(const std::vector<Dictionary>& dictionaries) {
    TRY(appended(sd_bus_message_open_container(get(), 'a', "a{sv}")));
    for (const Dictionary& dictionary : dictionaries)
        TRY(append_dictionary(dictionary));
    return appended(sd_bus_message_close_container(get()));
}

Result<void> Message::append_descriptor(int fd) {
    return append_basic(get(), 'h', &fd);
}

Result<std::string> Message::read_text() {
    return read_string(get(), 's');
}

Result<std::string> Message::read_path() {
    return read_string(get(), 'o');
}

Result<std::vector<std::string>> Message::read_texts() {
    return as_answer(bus::read_strings(get(), kAnyNumber));
}

Result<std::uint32_t> Message::read_count() {
    return read_number<std::uint32_t>(get(), 'u');
}

Result<Dictionary> Message::read_dictionary() {
    Dictionary dictionary;
    TRY(must(sd_bus_message_enter_container(get(), 'a', "{sv}")));
    while (TRY(present(sd_bus_message_enter_container(get(), 'e', "sv")))) {
        std::string key = TRY(read_string(get(), 's'));
        std::optional<Value> value = TRY(read_variant(get()));
        if (value)
            dictionary.set(std::move(key), std::move(*value));
        TRY(must(sd_bus_message_exit_container(get())));
    }
    TRY(must(sd_bus_message_exit_container(get())));
    return dictionary;
}

Result<std::vector<Dictionary>> Message::read_dictionaries() {
    std::vector<Dictionary> dictionaries;
    TRY(must(sd_bus_message_enter_container(get(), 'a', "a{sv}")));
    while (!TRY(present(sd_bus_message_at_end(get(), 0))))
        dictionaries.push_back(TRY(read_dictionary()));
    TRY(must(sd_bus_message_exit_container(get())));
    return dictionaries;
}

Result<std::vector<Dictionary>> Message::read_objects() {
    std::vector<Dictionary> dictionaries;
    TRY(must(sd_bus_message_enter_container(get(), 'a', "(oa{sv})")));
    while (TRY(present(sd_bus_message_enter_container(get(), 'r', "oa{sv}")))) {
        TRY(read_path());
        dictionaries.push_back(TRY(read_dictionary()));
        TRY(must(sd_bus_message_exit_container(get())));
    }
    TRY(must(sd_bus_message_exit_container(get())));
    return dictionaries;
}

Result<UniqueFd> Message::read_descriptor() {
    const int fd = TRY(read_number<int>(get(), 'h'));
    UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!copy)
        return Error{Errc::Internal, "no descriptor is free"};
    return copy;
}

}  // namespace patd::client
