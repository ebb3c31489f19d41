// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_service.h"

#include "common/base/limits.h"
#include "common/base/names.h"
#include "common/base/unique_fd.h"

#include <libsecret/secret.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace patd::keyring {
namespace {

using store::ItemKind;
using store::KeyringItem;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr char kBus[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";
constexpr char kCollection[] = "org.freedesktop.Secret.Collection";
constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
constexpr std::string_view kEncrypted = "dh-ietf1024-sha256-aes128-cbc-pkcs7";
constexpr char kIdAttribute[] = "id";
constexpr char kContentType[] = "text/plain";
// How long a call that was given up may take to notice.
constexpr milliseconds kGivingUp{500};

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
struct FreeTable {
    void operator()(GHashTable* table) const { g_hash_table_unref(table); }
};
using Table = std::unique_ptr<GHashTable, FreeTable>;
struct FreeValue {
    void operator()(SecretValue* value) const { secret_value_unref(value); }
};
using Value = std::unique_ptr<SecretValue, FreeValue>;
struct FreeObjects {
    void operator()(GList* list) const { g_list_free_full(list, g_object_unref); }
};
using Objects = std::unique_ptr<GList, FreeObjects>;
struct FreeSource {
    void operator()(GSource* source) const {
        g_source_destroy(source);
        g_source_unref(source);
    }
};
using Source = std::unique_ptr<GSource, FreeSource>;

constexpr SecretSchema schema_named(const char* name) {
    SecretSchema schema{};
    schema.name = name;
    schema.flags = SECRET_SCHEMA_NONE;
    schema.attributes[0] = {kIdAttribute, SECRET_SCHEMA_ATTRIBUTE_STRING};
    return schema;
}
constexpr SecretSchema kKeySchema = schema_named(names::kKeyringSchemaKey);
constexpr SecretSchema kBundleSchema = schema_named(names::kKeyringSchemaBundle);

const SecretSchema* schema_of(ItemKind kind) {
    return kind == ItemKind::Key ? &kKeySchema : &kBundleSchema;
}

// What a person sees in a program that shows keyrings.
const char* label_of(ItemKind kind) {
    return kind == ItemKind::Key ? "patd: key of the token store" : "patd: tokens (sealed)";
}

Table attributes_of(const std::string& id) {
    Table table(g_hash_table_new_full(g_str_hash, g_str_equal, nullptr, g_free));
    if (!id.empty())
        g_hash_table_insert(table.get(), const_cast<char*>(kIdAttribute), g_strdup(id.c_str()));
    return table;
}

// Takes a GError over; its text may be the service's words, so it goes nowhere.
class Failure {
  public:
    Failure() = default;
    Failure(const Failure&) = delete;
    Failure& operator=(const Failure&) = delete;
    ~Failure() { g_clear_error(&error_); }

    GError** out() { return &error_; }
    explicit operator bool() const { return error_ != nullptr; }
    Error as_error(const char* what) const {
        const bool locked = g_error_matches(error_, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) != 0;
        std::string context(what);
        if (error_ != nullptr)
            context += std::string(": ") + g_quark_to_string(error_->domain) + " " +
                       std::to_string(error_->code);
        return Error{locked ? Errc::StoreLocked : Errc::Unavailable, std::move(context)};
    }

  private:
    GError* error_ = nullptr;
};

// An asynchronous call of GLib's, shared with GLib until it says that the call is over: one that
// was given up may still come to its end later, or never.
struct Pending {
    Object<GAsyncResult> result;
};

void on_ready(GObject*, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<std::shared_ptr<Pending>> pending(
        static_cast<std::shared_ptr<Pending>*>(data));
    (*pending)->result.reset(G_ASYNC_RESULT(g_object_ref(result)));
}

gboolean set_flag(gpointer flag) {
    *static_cast<bool*>(flag) = true;
    return G_SOURCE_REMOVE;
}

}  // namespace

// Everything below `run` happens in its thread.
class SecretServiceKeyring::Worker {
  public:
    explicit Worker(UniqueFd changes)
        : changes_(std::move(changes)),
          context_(g_main_context_new()),
          loop_(g_main_loop_new(context_, FALSE)),
          thread_([this] { turn(); }) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        run([this] {
            forget();
            connection_.reset();
            g_main_loop_quit(loop_);
            return true;
        });
        thread_.join();
        g_main_loop_unref(loop_);
        g_main_context_unref(context_);
    }

    // Hands `job` to the thread and waits for it. One job at a time: a call that waits lets the
    // loop turn, and another job must not begin inside it.
    template <typename Job>
    auto run(Job job) -> decltype(job()) {
        const std::lock_guard turn(mutex_);
        std::packaged_task<decltype(job())()> task(std::move(job));
        auto outcome = task.get_future();
        g_main_context_invoke(
            context_,
            [](gpointer data) -> gboolean {
                (*static_cast<decltype(task)*>(data))();
                return G_SOURCE_REMOVE;
            },
            &task);
        return outcome.get();
    }

    Result<void> open(Prompt prompt);
    Result<void> check();
    Result<std::vector<KeyringItem>> read(ItemKind kind);
    Result<void> write(ItemKind kind, const std::string& id, const SecretBuffer& content);
    Result<void> remove(ItemKind kind, const std::string& id);
    int changes() const { return changes_.get(); }
    void give_up() {
        giving_up_ = true;
        g_main_context_wakeup(context_);
    }

  private:
    using Start = std::function<void(GCancellable*, GAsyncReadyCallback, gpointer)>;

    void turn();
    void forget();
    void begin() { deadline_ = SteadyClock::now() + limits::kKeyringDeadline; }
    // Starts a call and lets the loop turn until it is over. Unavailable: not within the deadline.
    Result<Object<GAsyncResult>> await(const Start& start);
    bool turn_until(const Pending& pending, SteadyClock::time_point end);
    struct Method {
        const char* interface;
        const char* name;
        const char* reply;  // its type
    };
    Result<Variant> call(const std::string& destination, const char* path, const Method& method,
                         GVariant* arguments);
    Result<Variant> call_bus(const char* name, GVariant* arguments, const char* reply);
    Result<void> connect();
    Result<std::string> find_owner();
    Result<void> open_session(const std::string& owner);
    Result<void> find_collection();
    Result<void> unlock(Prompt prompt);
    Result<bool> is_locked();
    void subscribe(const std::string& owner);
    static Result<KeyringItem> content_of(SecretItem* item);

    std::mutex mutex_;
    std::atomic<bool> giving_up_{false};
    UniqueFd changes_;
    GMainContext* context_;
    GMainLoop* loop_;
    SteadyClock::time_point deadline_;
    Object<GDBusConnection> connection_;
    std::string owner_;
    Object<SecretService> service_;
    Object<SecretCollection> collection_;
    std::vector<guint> subscriptions_;
    std::thread thread_;
};

void SecretServiceKeyring::Worker::turn() {
    g_main_context_push_thread_default(context_);
    g_main_loop_run(loop_);
    // What GLib frees only from its loop.
    while (g_main_context_iteration(context_, FALSE) != 0) {
    }
    g_main_context_pop_thread_default(context_);
}

void SecretServiceKeyring::Worker::forget() {
    for (const guint subscription : subscriptions_)
        g_dbus_connection_signal_unsubscribe(connection_.get(), subscription);
    subscriptions_.clear();
    collection_.reset();
    service_.reset();
    owner_.clear();
}

bool SecretServiceKeyring::Worker::turn_until(const Pending& pending, SteadyClock::time_point end) {
    const auto left =
        std::chrono::ceil<milliseconds>(std::max(end - SteadyClock::now(), end - end)).count();
    bool over = false;
    const Source timer(g_timeout_source_new(static_cast<guint>(left)));
    g_source_set_callback(timer.get(), set_flag, &over, nullptr);
    g_source_attach(timer.get(), context_);
    while (!pending.result && !over && !giving_up_)
        g_main_context_iteration(context_, TRUE);
    return static_cast<bool>(pending.result);
}

Result<Object<GAsyncResult>> SecretServiceKeyring::Worker::await(const Start& start) {
    const auto pending = std::make_shared<Pending>();
    const Object<GCancellable> cancellable(g_cancellable_new());
    start(cancellable.get(), on_ready, new std::shared_ptr<Pending>(pending));
    if (!turn_until(*pending, deadline_)) {
        g_cancellable_cancel(cancellable.get());
        // libsecret waits for the end of a prompt that it dismissed, which a prompt may withhold.
        (void)turn_until(*pending, SteadyClock::now() + kGivingUp);
        if (!pending->result)
            return Error{Errc::Unavailable, "the keyring does not answer"};
    }
    return std::move(pending->result);
}

Result<Variant> SecretServiceKeyring::Worker::call(const std::string& destination, const char* path,
                                                   const Method& method, GVariant* arguments) {
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            g_dbus_connection_call(connection_.get(), destination.c_str(), path, method.interface,
                                   method.name, arguments, G_VARIANT_TYPE(method.reply),
                                   G_DBUS_CALL_FLAGS_NONE, G_MAXINT, cancellable, ready, data);
        }));
    Failure failure;
    Variant reply(g_dbus_connection_call_finish(connection_.get(), result.get(), failure.out()));
    if (!reply)
        return failure.as_error(method.name);
    return reply;
}

Result<Variant> SecretServiceKeyring::Worker::call_bus(const char* name, GVariant* arguments,
                                                       const char* reply) {
    return call(kBus, kBusPath, {kBus, name, reply}, arguments);
}

Result<void> SecretServiceKeyring::Worker::connect() {
    if (connection_ && g_dbus_connection_is_closed(connection_.get()) == 0)
        return {};
    forget();
    connection_.reset();
    const Object<GAsyncResult> result =
        TRY(await([](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            g_bus_get(G_BUS_TYPE_SESSION, cancellable, ready, data);
        }));
    Failure failure;
    connection_.reset(g_bus_get_finish(result.get(), failure.out()));
    if (!connection_)
        return failure.as_error("the session bus");
    // GLib's default is to end the process.
    g_dbus_connection_set_exit_on_close(connection_.get(), FALSE);
    return {};
}

// The unique name of the service, which the bus starts if it can, and whose uid is ours.
Result<std::string> SecretServiceKeyring::Worker::find_owner() {
    const auto name = [] { return g_variant_new("(s)", names::kSecretService); };
    Result<Variant> reply = call_bus("GetNameOwner", name(), "(s)");
    if (!reply) {
        TRY(call_bus("StartServiceByName", g_variant_new("(su)", names::kSecretService, guint{0}),
                     "(u)"));
        reply = call_bus("GetNameOwner", name(), "(s)");
    }
    const Variant found = TRY(std::move(reply));
    const char* text = nullptr;
    g_variant_get(found.get(), "(&s)", &text);
    std::string owner(text);
    const Variant user =
        TRY(call_bus("GetConnectionUnixUser", g_variant_new("(s)", owner.c_str()), "(u)"));
    guint32 uid = 0;
    g_variant_get(user.get(), "(u)", &uid);
    if (uid != geteuid())
        return Error{Errc::InsecurePeer, "another user owns " + std::string(names::kSecretService)};
    return owner;
}

Result<void> SecretServiceKeyring::Worker::open_session(const std::string& owner) {
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            secret_service_open(SECRET_TYPE_SERVICE, owner.c_str(), SECRET_SERVICE_OPEN_SESSION,
                                cancellable, ready, data);
        }));
    Failure failure;
    Object<SecretService> service(secret_service_open_finish(result.get(), failure.out()));
    if (!service)
        return failure.as_error("a session of the keyring");
    const char* algorithms = secret_service_get_session_algorithms(service.get());
    // libsecret goes on with `plain` where a service knows nothing else.
    if (algorithms == nullptr || algorithms != kEncrypted)
        return Error{Errc::InsecurePeer, "the keyring offers no encrypted session"};
    service_ = std::move(service);
    owner_ = owner;
    subscribe(owner);
    return {};
}

void SecretServiceKeyring::Worker::subscribe(const std::string& owner) {
    constexpr GDBusSignalCallback kNote = [](GDBusConnection*, const char*, const char*,
                                             const char*, const char*, GVariant*, gpointer fd) {
        const std::uint64_t one = 1;
        (void)!::write(GPOINTER_TO_INT(fd), &one, sizeof one);
    };
    const gpointer fd = GINT_TO_POINTER(changes_.get());
    subscriptions_ = {g_dbus_connection_signal_subscribe(
                          connection_.get(), owner.c_str(), nullptr, nullptr, nullptr, nullptr,
                          G_DBUS_SIGNAL_FLAGS_NONE, kNote, fd, nullptr),
                      g_dbus_connection_signal_subscribe(
                          connection_.get(), kBus, kBus, "NameOwnerChanged", kBusPath,
                          names::kSecretService, G_DBUS_SIGNAL_FLAGS_NONE, kNote, fd, nullptr)};
}

Result<void> SecretServiceKeyring::Worker::find_collection() {
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            secret_collection_for_alias(service_.get(), SECRET_COLLECTION_DEFAULT,
                                        SECRET_COLLECTION_NONE, cancellable, ready, data);
        }));
    Failure failure;
    collection_.reset(secret_collection_for_alias_finish(result.get(), failure.out()));
    if (failure)
        return failure.as_error("the default keyring");
    if (!collection_)
        return Error{Errc::Unavailable, "there is no default keyring"};
    return {};
}

Result<bool> SecretServiceKeyring::Worker::is_locked() {
    const char* path = g_dbus_proxy_get_object_path(G_DBUS_PROXY(collection_.get()));
    const Variant reply = TRY(call(owner_, path, {kProperties, "Get", "(v)"},
                                   g_variant_new("(ss)", kCollection, "Locked")));
    GVariant* inner = nullptr;
    g_variant_get(reply.get(), "(v)", &inner);
    const Variant value(inner);
    if (g_variant_is_of_type(inner, G_VARIANT_TYPE_BOOLEAN) == 0)
        return Error{Errc::Unavailable, "the keyring does not say whether it is locked"};
    return g_variant_get_boolean(inner) != 0;
}

Result<void> SecretServiceKeyring::Worker::unlock(Prompt prompt) {
    if (!TRY(is_locked()))
        return {};
    if (prompt == Prompt::Never)
        return Errc::StoreLocked;
    deadline_ = SteadyClock::now() + limits::kKeyringPrompt;
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            GList wanted{collection_.get(), nullptr, nullptr};
            secret_service_unlock(service_.get(), &wanted, cancellable, ready, data);
        }));
    Failure failure;
    GList* unlocked = nullptr;
    (void)secret_service_unlock_finish(service_.get(), result.get(), &unlocked, failure.out());
    const Objects list(unlocked);
    if (failure)
        return failure.as_error("unlocking the keyring");
    begin();
    // Asked once more: what a prompt says is not what counts.
    if (TRY(is_locked()))
        return Errc::StoreLocked;
    return {};
}

Result<void> SecretServiceKeyring::Worker::open(Prompt prompt) {
    begin();
    TRY(connect());
    const std::string owner = TRY(find_owner());
    if (owner != owner_ || !service_) {
        forget();
        TRY(open_session(owner));
    }
    TRY(find_collection());
    return unlock(prompt);
}

Result<void> SecretServiceKeyring::Worker::check() {
    begin();
    if (!service_ || !collection_)
        return Errc::StoreLocked;
    if (TRY(find_owner()) != owner_)
        return Error{Errc::Unavailable, "the keyring was started anew"};
    if (TRY(is_locked()))
        return Errc::StoreLocked;
    return {};
}

Result<KeyringItem> SecretServiceKeyring::Worker::content_of(SecretItem* item) {
    if (secret_item_get_locked(item) != 0)
        return Errc::StoreLocked;
    const Table attributes(secret_item_get_attributes(item));
    const Value value(secret_item_get_secret(item));
    const auto* id =
        attributes ? static_cast<const char*>(g_hash_table_lookup(attributes.get(), kIdAttribute))
                   : nullptr;
    if (id == nullptr || !value)
        return Error{Errc::Unavailable, "an item without its id or its content"};
    gsize size = 0;
    const char* bytes = secret_value_get(value.get(), &size);
    if (size > limits::kKeyringItemBytes)
        return Error{Errc::Unavailable, "an item of the keyring is too long"};
    return KeyringItem{id, SecretBuffer::copy_of({bytes, size})};
}

Result<std::vector<KeyringItem>> SecretServiceKeyring::Worker::read(ItemKind kind) {
    begin();
    if (!service_)
        return Errc::StoreLocked;
    const Table attributes = attributes_of("");
    constexpr auto kFlags =
        static_cast<SecretSearchFlags>(SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS);
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            secret_service_search(service_.get(), schema_of(kind), attributes.get(), kFlags,
                                  cancellable, ready, data);
        }));
    Failure failure;
    const Objects found(secret_service_search_finish(service_.get(), result.get(), failure.out()));
    if (failure)
        return failure.as_error("reading the keyring");
    std::vector<KeyringItem> items;
    for (const GList* node = found.get(); node != nullptr; node = node->next) {
        if (items.size() == limits::kKeyringItems)
            return Error{Errc::Unavailable, "too many items in the keyring"};
        items.push_back(TRY(content_of(static_cast<SecretItem*>(node->data))));
    }
    return items;
}

Result<void> SecretServiceKeyring::Worker::write(ItemKind kind, const std::string& id,
                                                 const SecretBuffer& content) {
    begin();
    if (!collection_)
        return Errc::StoreLocked;
    const Table attributes = attributes_of(id);
    const std::span<const char> bytes = content.expose();
    const Value value(
        secret_value_new(bytes.data(), static_cast<gssize>(bytes.size()), kContentType));
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            secret_item_create(collection_.get(), schema_of(kind), attributes.get(), label_of(kind),
                               value.get(), SECRET_ITEM_CREATE_REPLACE, cancellable, ready, data);
        }));
    Failure failure;
    const Object<SecretItem> item(secret_item_create_finish(result.get(), failure.out()));
    if (!item)
        return failure.as_error("writing to the keyring");
    return {};
}

Result<void> SecretServiceKeyring::Worker::remove(ItemKind kind, const std::string& id) {
    begin();
    if (!service_)
        return Errc::StoreLocked;
    const Table attributes = attributes_of(id);
    const Object<GAsyncResult> result =
        TRY(await([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
            secret_service_clear(service_.get(), schema_of(kind), attributes.get(), cancellable,
                                 ready, data);
        }));
    Failure failure;
    (void)secret_service_clear_finish(service_.get(), result.get(), failure.out());
    if (failure)
        return failure.as_error("removing from the keyring");
    return {};
}

SecretServiceKeyring::SecretServiceKeyring(std::unique_ptr<Worker> worker)
    : worker_(std::move(worker)) {}

SecretServiceKeyring::~SecretServiceKeyring() = default;

Result<std::unique_ptr<SecretServiceKeyring>> SecretServiceKeyring::create() {
    UniqueFd changes(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!changes)
        return Error{Errc::Unavailable, "eventfd"};
    return std::unique_ptr<SecretServiceKeyring>(
        new SecretServiceKeyring(std::make_unique<Worker>(std::move(changes))));
}

Result<void> SecretServiceKeyring::open(Prompt prompt) {
    return worker_->run([&] { return worker_->open(prompt); });
}

Result<void> SecretServiceKeyring::check() {
    return worker_->run([&] { return worker_->check(); });
}

void SecretServiceKeyring::give_up() {
    worker_->give_up();
}

int SecretServiceKeyring::changes() const {
    return worker_->changes();
}

Result<std::vector<KeyringItem>> SecretServiceKeyring::read(ItemKind kind) {
    return worker_->run([&] { return worker_->read(kind); });
}

Result<void> SecretServiceKeyring::write(ItemKind kind, const std::string& id,
                                         const SecretBuffer& content) {
    return worker_->run([&] { return worker_->write(kind, id, content); });
}

Result<void> SecretServiceKeyring::remove(ItemKind kind, const std::string& id) {
    return worker_->run([&] { return worker_->remove(kind, id); });
}

}  // namespace patd::keyring
