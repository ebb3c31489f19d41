// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/errc.h"

#include <string>
#include <utility>
#include <variant>

namespace patd {

// What went wrong, as a value. `context` is only for this machine's journal: it may hold ids, paths
// and errno texts, never a secret and never bytes that a peer sent.
struct Error {
    // NOLINTNEXTLINE(google-explicit-constructor): an Errc is a whole Error
    Error(Errc why, std::string what = {}) : code(why), context(std::move(what)) {}

    Errc code;
    std::string context;
};

// A value or an Error, with the member names of std::expected (C++23), so that it can become an
// alias later. Foreseeable outcomes are values; exceptions are bugs (CONTRIBUTING.md).
template <typename T>
class [[nodiscard]] Result {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): mirrors std::expected
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): mirrors std::unexpected
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): `return Errc::NotFound;` reads as prose
    Result(Errc code) : Result(Error{code, {}}) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    // By value: a loop over a temporary Result then keeps what it walks alive.
    T value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): mirrors std::unexpected
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): `return Errc::NotFound;` reads as prose
    Result(Errc code) : Result(Error{code, {}}) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    void value() const {}
    const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<std::monostate, Error> state_;
};

}  // namespace patd

// Yields the value of `expression`, or returns its Error from the enclosing function.
#define TRY(expression) PATD_TRY_NAMED(expression, __COUNTER__)
#define PATD_TRY_NAMED(expression, number) PATD_TRY_WITH(expression, number)
#define PATD_TRY_WITH(expression, number)                      \
    __extension__({                                            \
        auto try_result_##number = (expression);               \
        if (!try_result_##number.has_value())                  \
            return ::patd::Error(try_result_##number.error()); \
        std::move(try_result_##number).value();                \
    })
