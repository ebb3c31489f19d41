// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/bound_data.h"

#include <array>

namespace patd::store {
namespace {

constexpr std::string_view kFormatName = "patd-store";
constexpr std::int64_t kFormatVersion = 1;

}  // namespace

BoundData& BoundData::begin(std::string_view table) {
    bytes_.clear();
    return add(kFormatName).add(kFormatVersion).add(table);
}

BoundData& BoundData::add(std::string_view field) {
    const auto size = static_cast<std::uint32_t>(field.size());
    const std::array<char, sizeof(size)> prefix{
        static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
        static_cast<char>(size)};
    bytes_.append(prefix.data(), prefix.size());
    bytes_.append(field);
    return *this;
}

BoundData& BoundData::add(Bytes field) {
    return add(std::string_view(reinterpret_cast<const char*>(field.data()), field.size()));
}

BoundData& BoundData::add(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    std::array<char, sizeof(bits)> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>((bits >> (56 - 8 * i)) & 0xff);
    return add(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace patd::store
