// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/session_bus.h"

#include "common/base/limits.h"

#include <unistd.h>

#include <utility>

namespace patd::keyring {
namespace {

constexpr char kBus[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";

void forward_signal(GDBusConnection*, const char*, const char*, const char*, const char*,
                    GVariant* arguments, gpointer data) {
    (*static_cast<SessionBus::OnSignal*>(data))(arguments);
}

void drop(gpointer data) {
    delete static_cast<SessionBus::OnSignal*>(data);
}

}  // namespace

SessionBus::Subscription::Subscription(GDBusConnection* connection, guint id)
    : connection_(G_DBUS_CONNECTION(g_object_ref(connection))), id_(id) {}

void SessionBus::Subscription::end() {
    if (connection_)
        g_dbus_connection_signal_unsubscribe(connection_.get(), id_);
    connection_.reset();
}

SessionBus::Subscription& SessionBus::Subscription::operator=(Subscription&& other) noexcept {
    end();
    connection_ = std::move(other.connection_);
    id_ = other.id_;
    return *this;
}

bool SessionBus::is_connected() const {
    return connection_ && g_dbus_connection_is_closed(connection_.get()) == 0;
}

Result<void> SessionBus::connect() {
    close();
    const Object<GAsyncResult> result =
        TRY(loop_.await([](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            g_bus_get(G_BUS_TYPE_SESSION, cancellable, ready, data);
        }));
    Failure failure;
    Object<GDBusConnection> made(g_bus_get_finish(result.get(), failure.out()));
    if (!made)
        return Error{Errc::NoKeyring, "the session bus cannot be reached"};
    // GLib's default would end the process.
    g_dbus_connection_set_exit_on_close(made.get(), FALSE);
    connection_ = std::move(made);
    return {};
}

void SessionBus::renew_deadline() {
    loop_.set_deadline(GlibLoop::SteadyClock::now() + limits::kKeyringDeadline);
}

Result<Variant> SessionBus::call(const Place& place, const char* method, GVariant* arguments,
                                 const char* reply) {
    const Object<GAsyncResult> result =
        TRY(loop_.await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            g_dbus_connection_call(connection_.get(), place.owner.c_str(), place.path.c_str(),
                                   place.interface, method, arguments, G_VARIANT_TYPE(reply),
                                   G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, cancellable, ready,
                                   data);
        }));
    Failure failure;
    Variant answer(g_dbus_connection_call_finish(connection_.get(), result.get(), failure.out()));
    if (answer)
        return answer;
    if (failure.is("org.freedesktop.DBus.Error.NameHasNoOwner"))
        return Error{Errc::NoKeyring, method};
    return failure.as_error(method);
}

void SessionBus::send(const Place& place, const char* method, GVariant* arguments) {
    g_dbus_connection_call(connection_.get(), place.owner.c_str(), place.path.c_str(),
                           place.interface, method, arguments, nullptr,
                           G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, nullptr, nullptr, nullptr);
}

Result<Variant> SessionBus::property(const Place& place, const char* name, const char* type) {
    const Variant reply = TRY(call({place.owner, place.path, kProperties}, "Get",
                                   g_variant_new("(ss)", place.interface, name), "(v)"));
    GVariant* inner = nullptr;
    g_variant_get(reply.get(), "(v)", &inner);
    Variant value(inner);
    if (g_variant_is_of_type(inner, G_VARIANT_TYPE(type)) == 0)
        return Error{Errc::KeyringFailed, std::string(name) + ": of another type"};
    return value;
}

Result<Variant> SessionBus::call_bus(const char* name, GVariant* arguments, const char* reply) {
    return call({kBus, kBusPath, kBus}, name, arguments, reply);
}

Result<std::string> SessionBus::find_owner(const char* name) {
    const Variant found = TRY(call_bus("GetNameOwner", g_variant_new("(s)", name), "(s)"));
    const char* text = nullptr;
    g_variant_get(found.get(), "(&s)", &text);
    std::string owner(text);
    const Variant user =
        TRY(call_bus("GetConnectionUnixUser", g_variant_new("(s)", owner.c_str()), "(u)"));
    guint32 uid = 0;
    g_variant_get(user.get(), "(u)", &uid);
    if (uid != geteuid())
        return Error{Errc::InsecurePeer, "another user owns " + std::string(name)};
    return owner;
}

SessionBus::Subscription SessionBus::subscribe(const Place& place, const char* member,
                                               OnSignal on_signal) {
    const char* path = place.path.empty() ? nullptr : place.path.c_str();
    return {connection_.get(), g_dbus_connection_signal_subscribe(
                                   connection_.get(), place.owner.c_str(), place.interface, member,
                                   path, nullptr, G_DBUS_SIGNAL_FLAGS_NONE, forward_signal,
                                   new OnSignal(std::move(on_signal)), drop)};
}

SessionBus::Subscription SessionBus::watch(const std::string& name, OnSignal on_change) {
    return {connection_.get(), g_dbus_connection_signal_subscribe(
                                   connection_.get(), kBus, kBus, "NameOwnerChanged", kBusPath,
                                   name.c_str(), G_DBUS_SIGNAL_FLAGS_NONE, forward_signal,
                                   new OnSignal(std::move(on_change)), drop)};
}

}  // namespace patd::keyring
