// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keys/record_crypto.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace patd::store {

// What seals and row MACs cover: length-prefixed fields (docs/store-format.md).
class BoundData {
  public:
    // Starts over, for a row of `table`.
    BoundData& begin(std::string_view table);
    BoundData& add(std::string_view field);
    BoundData& add(Bytes field);
    BoundData& add(std::int64_t number);

    std::string_view view() const { return bytes_; }
    Bytes bytes() const { return bytes_of(bytes_); }

  private:
    std::string bytes_;
};

}  // namespace patd::store
