// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/value.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patd::client {

using bus::Value;

// An a{sv} of org.patd.Tokens1.xml: a token, an event, options, a result. Never holds a secret.
class Dictionary {
  public:
    void set(std::string key, Value value) {
        entries_.insert_or_assign(std::move(key), std::move(value));
    }
    const std::map<std::string, Value, std::less<>>& entries() const { return entries_; }
    void erase(std::string_view key) {
        if (const auto entry = entries_.find(key); entry != entries_.end())
            entries_.erase(entry);
    }
    bool empty() const { return entries_.empty(); }
    bool has(std::string_view key) const { return entries_.find(key) != entries_.end(); }

    // The value of `key`; empty if the key is absent or of another type.
    std::string text(std::string_view key) const { return get<std::string>(key); }
    std::vector<std::string> texts(std::string_view key) const {
        return get<std::vector<std::string>>(key);
    }
    bool flag(std::string_view key) const { return get<bool>(key); }
    std::uint32_t count(std::string_view key) const { return get<std::uint32_t>(key); }
    std::int64_t time(std::string_view key) const { return get<std::int64_t>(key); }

    friend bool operator==(const Dictionary&, const Dictionary&) = default;

  private:
    template <typename T>
    T get(std::string_view key) const {
        const auto entry = entries_.find(key);
        if (entry == entries_.end() || !std::holds_alternative<T>(entry->second))
            return T();
        return std::get<T>(entry->second);
    }

    std::map<std::string, Value, std::less<>> entries_;
};

}  // namespace patd::client
