// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_session.h"

#include "common/base/limits.h"
#include "daemon/keyring/secret_names.h"

// The API that it calls unstable has not changed since 0.16 (2013).
#define SECRET_API_SUBJECT_TO_CHANGE
#include <libsecret/secret.h>

#include <string_view>
#include <utility>

namespace patd::keyring {
namespace {

constexpr std::string_view kEncrypted = "dh-ietf1024-sha256-aes128-cbc-pkcs7";
// KWallet refuses a public key that begins with a zero, one in 256, with the same words that say
// that it has no encryption. Each attempt uses a new key.
constexpr int kTries = 5;
constexpr char kContentType[] = "text/plain";
// Loads nothing, and listens to no signal.
constexpr auto kQuiet = static_cast<GDBusProxyFlags>(G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                                     G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS |
                                                     G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START);

struct FreeValue {
    void operator()(SecretValue* value) const { secret_value_unref(value); }
};
using Value = std::unique_ptr<SecretValue, FreeValue>;

// libsecret's constructor replaces its arguments with its own: the well-known name, whose owner may
// change and which the bus may start, and an object that listens. So we bypass it and let the
// parent class construct the object.
void set_constructor(gpointer object_class, gpointer) {
    G_OBJECT_CLASS(object_class)->constructor =
        G_OBJECT_CLASS(g_type_class_peek(G_TYPE_DBUS_PROXY))->constructor;
}

GType quiet_service() {
    static const GType type = g_type_register_static_simple(
        SECRET_TYPE_SERVICE, "PatdQuietService", sizeof(SecretServiceClass), set_constructor,
        sizeof(SecretService), nullptr, G_TYPE_FLAG_NONE);
    return type;
}

// KWallet without QCA's plugins fails in one of these ways, instead of saying that it does not know
// the algorithm.
bool has_no_encryption(const Failure& failure) {
    return failure.is("org.freedesktop.DBus.Error.Failed") ||
           failure.is("org.freedesktop.DBus.Error.InvalidArgs") ||
           failure.is("org.freedesktop.DBus.Error.NotSupported") || failure.is_nameless();
}

Result<Object<SecretService>> make_service(GlibLoop& loop, const std::string& owner) {
    const Object<GAsyncResult> result =
        TRY(loop.await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            g_async_initable_new_async(quiet_service(), G_PRIORITY_DEFAULT, cancellable, ready,
                                       data, "g-bus-type", G_BUS_TYPE_SESSION, "g-flags", kQuiet,
                                       "g-name", owner.c_str(), "g-object-path", kServicePath,
                                       "g-interface-name", kServiceInterface, "flags",
                                       SECRET_SERVICE_OPEN_SESSION, nullptr);
        }));
    Failure failure;
    const Object<GObject> source(g_async_result_get_source_object(result.get()));
    Object<SecretService> made(reinterpret_cast<SecretService*>(
        g_async_initable_new_finish(G_ASYNC_INITABLE(source.get()), result.get(), failure.out())));
    if (!made && has_no_encryption(failure))
        return Error{Errc::KeyringUnencrypted, failure.as_error("OpenSession").context};
    if (!made)
        return failure.as_error("OpenSession");
    const char* algorithms = secret_service_get_session_algorithms(made.get());
    // libsecret falls back to `plain` if a service knows nothing else.
    if (algorithms == nullptr || algorithms != kEncrypted)
        return Error{Errc::KeyringUnencrypted, "the keyring offers no encrypted session"};
    return made;
}

}  // namespace

struct SecretSession::Service {
    Object<SecretService> object;
};

SecretSession::SecretSession(std::unique_ptr<Service> service) : service_(std::move(service)) {}
SecretSession::SecretSession(SecretSession&&) noexcept = default;
SecretSession& SecretSession::operator=(SecretSession&&) noexcept = default;
SecretSession::~SecretSession() = default;

Result<SecretSession> SecretSession::open(GlibLoop& loop, const std::string& owner) {
    Result<Object<SecretService>> made = make_service(loop, owner);
    for (int i = 1; i < kTries && !made && made.error().code == Errc::KeyringUnencrypted; ++i)
        made = make_service(loop, owner);
    if (!made)
        return made.error();
    return SecretSession(std::make_unique<Service>(Service{std::move(*made)}));
}

const char* SecretSession::path() const {
    return secret_service_get_session_dbus_path(service_->object.get());
}

Result<Variant> SecretSession::encode(const SecretBuffer& content) const {
    const std::span<const char> bytes = content.reveal();
    const Value value(
        secret_value_new(bytes.data(), static_cast<gssize>(bytes.size()), kContentType));
    GVariant* encoded = secret_service_encode_dbus_secret(service_->object.get(), value.get());
    if (encoded == nullptr)
        return Error{Errc::KeyringFailed, "encrypting for the keyring"};
    return Variant(g_variant_take_ref(encoded));
}

Result<SecretBuffer> SecretSession::decode(GVariant* secret) const {
    const Value value(secret_service_decode_dbus_secret(service_->object.get(), secret));
    const Variant sealed(g_variant_get_child_value(secret, 2));
    if (!value && g_variant_n_children(sealed.get()) != 0)
        return Error{Errc::KeyringFailed, "a secret does not decode"};
    gsize size = 0;
    const char* bytes = value ? secret_value_get(value.get(), &size) : nullptr;
    if (size > limits::kKeyringItemBytes)
        return Error{Errc::KeyringFailed, "an item of the keyring is too long"};
    return SecretBuffer::copy_of({bytes, size});
}

bool SecretSession::is_same(const SecretBuffer& a, const SecretBuffer& b) {
    return constant_time_equal(a.reveal(), b.reveal());
}

}  // namespace patd::keyring
