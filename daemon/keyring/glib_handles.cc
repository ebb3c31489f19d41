// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/glib_handles.h"

#include <string_view>

namespace patd::keyring {

bool Failure::is(const char* name) const {
    if (error_ == nullptr)
        return false;
    struct Free {
        void operator()(char* text) const { g_free(text); }
    };
    const std::unique_ptr<char, Free> remote(g_dbus_error_get_remote_error(error_));
    return remote && std::string_view(remote.get()) == name;
}

bool Failure::is_nameless() const {
    return g_error_matches(error_, G_IO_ERROR, G_IO_ERROR_DBUS_ERROR) != 0;
}

Error Failure::as_error(const char* what) const {
    std::string context(what);
    if (error_ != nullptr)
        context += std::string(": ") + g_quark_to_string(error_->domain) + " " +
                   std::to_string(error_->code);
    const bool locked = is("org.freedesktop.Secret.Error.IsLocked");
    return Error{locked ? Errc::StoreLocked : Errc::KeyringFailed, std::move(context)};
}

}  // namespace patd::keyring
