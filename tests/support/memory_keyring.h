// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keyring/keyring.h"

#include <map>
#include <string>
#include <utility>

namespace patd::support {

// A Keyring in memory: counts every call, and can make one of them the last that works, as if the
// process or the keyring had died there.
class MemoryKeyring final : public store::Keyring {
  public:
    // From now on `calls` more changes work; the next one is made or not (`torn`), and fails.
    void die_after(int calls, bool torn) {
        left_ = calls;
        torn_ = torn;
    }
    void revive() { left_ = -1; }
    int writes() const { return writes_; }
    std::map<std::pair<store::ItemKind, std::string>, std::string>& items() { return items_; }

    Result<std::vector<store::KeyringItem>> read(store::ItemKind kind) override {
        std::vector<store::KeyringItem> found;
        for (const auto& [key, content] : items_) {
            if (key.first == kind)
                found.push_back({key.second, SecretBuffer::copy_of(content)});
        }
        return found;
    }
    Result<void> write(store::ItemKind kind, const std::string& id,
                       const SecretBuffer& content) override {
        const std::span<const char> bytes = content.reveal();
        return change([&] { items_[{kind, id}] = std::string(bytes.data(), bytes.size()); });
    }
    Result<void> remove(store::ItemKind kind, const std::string& id) override {
        return change([&] { items_.erase({kind, id}); });
    }

  private:
    template <typename Change>
    Result<void> change(Change change) {
        if (left_ == 0) {
            if (torn_)
                change();
            return Error{Errc::Unavailable, "the keyring died"};
        }
        if (left_ > 0)
            --left_;
        ++writes_;
        change();
        return {};
    }

    int left_ = -1;
    bool torn_ = false;
    int writes_ = 0;
    std::map<std::pair<store::ItemKind, std::string>, std::string> items_;
};

}  // namespace patd::support
