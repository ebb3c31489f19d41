// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/glib_loop.h"

#include <functional>
#include <string>

namespace patd::keyring {

// This process's session bus, as far as a keyring needs it. Calls go only to unique names, so that
// no call ever starts a program. Thread rule: inside a job of the loop's.
class SessionBus {
  public:
    explicit SessionBus(GlibLoop& loop) : loop_(loop) {}

    // Ends with the object.
    class Subscription {
      public:
        Subscription() = default;
        Subscription(GDBusConnection* connection, guint id);
        Subscription(Subscription&& other) noexcept { *this = std::move(other); }
        Subscription& operator=(Subscription&& other) noexcept;
        ~Subscription() { end(); }

      private:
        void end();

        Object<GDBusConnection> connection_;
        guint id_ = 0;
    };

    bool is_connected() const;
    // Everything that uses an earlier connection must be gone first: GLib has one per process, and
    // returns the same one, closed or not, while somebody holds it. NoKeyring: no bus.
    Result<void> connect();
    void close() { connection_.reset(); }
    // For calls that are needed even if an earlier one missed the deadline.
    void renew_deadline();

    struct Place {
        std::string owner;  // its unique name
        std::string path;
        const char* interface;
    };
    // Takes floating `arguments`. StoreLocked, KeyringFailed.
    Result<Variant> call(const Place& place, const char* method, GVariant* arguments,
                         const char* reply);
    // Asynchronous, for calls that nothing depends on.
    void send(const Place& place, const char* method, GVariant* arguments);
    Result<Variant> property(const Place& place, const char* name, const char* type);

    // The unique name that owns `name`, if its uid is this process's own. Starts nothing.
    // NoKeyring: nobody owns it. InsecurePeer: another uid does.
    Result<std::string> find_owner(const char* name);

    using OnSignal = std::function<void(GVariant* arguments)>;
    // Every signal at `place` (an empty path or a null `member`: any).
    Subscription subscribe(const Place& place, const char* member, OnSignal on_signal);
    // Called when `name`, unique or not, gets another owner, or none.
    Subscription watch(const std::string& name, OnSignal on_change);

  private:
    Result<Variant> call_bus(const char* name, GVariant* arguments, const char* reply);

    GlibLoop& loop_;
    Object<GDBusConnection> connection_;
};

}  // namespace patd::keyring
