// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/bus/value.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sd_bus_message;

namespace patd::bus {

// An a{sv} with documented keys; a t is read as x. The reader takes the known keys one by one;
// whatever is left at the end is unknown, which is an error.
class Dict {
  public:
    // Reads an a{sv} from a message. MalformedRequest: other types, a key twice, over 64 keys, or
    // over 1,024 strings in all its arrays.
    static Result<Dict> read(sd_bus_message* message);
    Result<void> append_to(sd_bus_message* message) const;
    // Upper bound of its size in a message.
    std::size_t bytes_max() const;

    void set(const std::string& key, Value value) { values_[key] = std::move(value); }
    const Value* find(const std::string& key) const;

    // The value of `key`, if present; MalformedRequest if its type is not T.
    template <typename T>
    Result<std::optional<T>> take(const std::string& key) {
        const auto found = values_.find(key);
        if (found == values_.end())
            return std::optional<T>();
        T* value = std::get_if<T>(&found->second);
        if (value == nullptr)
            return Error{Errc::MalformedRequest, "type of option " + key};
        std::optional<T> taken(std::move(*value));
        values_.erase(found);
        return taken;
    }
    // UnknownOption if a key was not taken.
    Result<void> expect_empty() const;

  private:
    std::map<std::string, Value> values_;
};

// The next argument, a descriptor, duplicated for us. MalformedRequest; BadSink if we have no room
// for one more.
Result<UniqueFd> read_descriptor(sd_bus_message* message);
// Reads an aa{sv} one by one: enter, then next until it gives nothing. MalformedRequest as in
// Dict::read.
Result<void> enter_dicts(sd_bus_message* message);
Result<std::optional<Dict>> next_dict(sd_bus_message* message);
// Begin and end an aa{sv}. Internal if the message is sealed or out of memory.
Result<void> open_dicts(sd_bus_message* message);
Result<void> close_dicts(sd_bus_message* message);
// Appends an aa{sv}: the Dict that `describe` makes of each item, one at a time.
template <typename Items, typename Describe>
Result<void> append_dicts(sd_bus_message* message, const Items& items, const Describe& describe) {
    TRY(open_dicts(message));
    for (const auto& item : items)
        TRY(describe(item).append_to(message));
    return close_dicts(message);
}
// The strings of an `as`. MalformedRequest: other types, over 1,024 strings.
Result<std::vector<std::string>> read_strings(sd_bus_message* message);
Result<std::string> read_string(sd_bus_message* message);

}  // namespace patd::bus
