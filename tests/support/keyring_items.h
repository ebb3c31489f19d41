// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "daemon/store/keyring/keyring.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd::support {

inline SecretBuffer buffer_of(std::string_view text) {
    return SecretBuffer::copy_of({text.data(), text.size()});
}

// The contents of items, which hold no secrets in a test, by id.
inline std::map<std::string, std::string> texts_of(const std::vector<store::KeyringItem>& items) {
    std::map<std::string, std::string> texts;
    for (const store::KeyringItem& item : items) {
        const std::span<const char> bytes = item.content.reveal();
        texts.emplace(item.id, std::string(bytes.data(), bytes.size()));
    }
    return texts;
}

}  // namespace patd::support
