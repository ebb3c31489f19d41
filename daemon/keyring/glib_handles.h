// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <gio/gio.h>

#include <memory>
#include <string>

namespace patd::keyring {

template <typename T>
struct Unref {
    void operator()(T* object) const { g_object_unref(object); }
};
template <typename T>
using Object = std::unique_ptr<T, Unref<T>>;

struct FreeVariant {
    void operator()(GVariant* variant) const { g_variant_unref(variant); }
};
using Variant = std::unique_ptr<GVariant, FreeVariant>;

struct FreeSource {
    void operator()(GSource* source) const {
        g_source_destroy(source);
        g_source_unref(source);
    }
};
using Source = std::unique_ptr<GSource, FreeSource>;

// Takes over a GError; its text may be the keyring's words, so it is never shown.
class Failure {
  public:
    Failure() = default;
    Failure(const Failure&) = delete;
    Failure& operator=(const Failure&) = delete;
    ~Failure() { g_clear_error(&error_); }

    GError** out() { return &error_; }
    explicit operator bool() const { return error_ != nullptr; }
    // Whether the far end answered with the D-Bus error of this name.
    bool is(const char* name) const;
    // Whether it answered with an error that GLib has no name for.
    bool is_nameless() const;
    // StoreLocked if the keyring said so, else KeyringFailed. `what` was attempted.
    Error as_error(const char* what) const;

  private:
    GError* error_ = nullptr;
};

}  // namespace patd::keyring
