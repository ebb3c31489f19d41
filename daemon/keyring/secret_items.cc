// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_items.h"

#include "common/base/limits.h"
#include "common/base/names.h"
#include "daemon/keyring/keyring_prompt.h"
#include "daemon/keyring/secret_names.h"

#include <algorithm>
#include <map>
#include <utility>

namespace patd::keyring {
namespace {

using store::ItemKind;
using store::KeyringItem;
using SteadyClock = GlibLoop::SteadyClock;

constexpr char kIdAttribute[] = "id";
constexpr char kSchemaAttribute[] = "xdg:schema";

const char* schema_of(ItemKind kind) {
    return kind == ItemKind::Key ? names::kKeyringSchemaKey : names::kKeyringSchemaBundle;
}

// What people see in a program that shows keyrings.
const char* label_of(ItemKind kind) {
    return kind == ItemKind::Key ? "patd: key of the token store" : "patd: tokens (sealed)";
}

// `a{ss}`, floating.
GVariant* attributes_of(ItemKind kind, const std::string& id) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
    g_variant_builder_add(&builder, "{ss}", kSchemaAttribute, schema_of(kind));
    if (!id.empty())
        g_variant_builder_add(&builder, "{ss}", kIdAttribute, id.c_str());
    return g_variant_builder_end(&builder);
}

// `a{sv}`, floating.
GVariant* properties_of(ItemKind kind, const std::string& id) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&builder, "{sv}", "org.freedesktop.Secret.Item.Label",
                          g_variant_new_string(label_of(kind)));
    g_variant_builder_add(&builder, "{sv}", "org.freedesktop.Secret.Item.Attributes",
                          attributes_of(kind, id));
    return g_variant_builder_end(&builder);
}

// `ao`, floating.
GVariant* array_of(const std::vector<std::string>& paths) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("ao"));
    for (const std::string& path : paths)
        g_variant_builder_add(&builder, "o", path.c_str());
    return g_variant_builder_end(&builder);
}

std::vector<std::string> paths_of(GVariant* tuple, std::size_t child) {
    const Variant array(g_variant_get_child_value(tuple, child));
    std::vector<std::string> paths;
    GVariantIter iterator;
    g_variant_iter_init(&iterator, array.get());
    const char* path = nullptr;
    while (g_variant_iter_next(&iterator, "&o", &path) != 0)
        paths.emplace_back(path);
    return paths;
}

std::string path_of(GVariant* tuple, std::size_t child) {
    const Variant path(g_variant_get_child_value(tuple, child));
    return g_variant_get_string(path.get(), nullptr);
}

bool is_given(const KeyringItem& item) {
    return !item.content.empty();
}

}  // namespace

SessionBus::Place SecretItems::service() const {
    return {keyring_.owner, kServicePath, kServiceInterface};
}

SessionBus::Place SecretItems::collection() const {
    return {keyring_.owner, keyring_.collection, kCollectionInterface};
}

Result<bool> SecretItems::is_locked() {
    const Variant locked = TRY(bus_.property(collection(), "Locked", "b"));
    return g_variant_get_boolean(locked.get()) != 0;
}

Result<void> SecretItems::unlock(const std::vector<std::string>& paths,
                                 std::function<bool()> is_done) {
    const Variant reply =
        TRY(bus_.call(service(), "Unlock", g_variant_new("(@ao)", array_of(paths)), "(aoo)"));
    const std::string prompt = path_of(reply.get(), 1);
    if (prompt == kNoObject)
        return {};
    KeyringPrompt standing{loop_, bus_, keyring_.owner, std::move(is_done)};
    Result<KeyringPrompt::End> end =
        standing.stand(prompt, SteadyClock::now() + limits::kKeyringPrompt);
    loop_.set_deadline(SteadyClock::now() + limits::kKeyringDeadline);
    TRY(std::move(end));
    return {};
}

Result<void> SecretItems::unlock_collection() {
    return unlock({keyring_.collection}, [this] {
        const Result<bool> locked = is_locked();
        return locked && !*locked;
    });
}

Result<void> SecretItems::unlock_items(const std::vector<std::string>& paths) {
    return unlock(paths, [this] {
        const Result<std::vector<std::string>> closed = closed_items();
        return closed && closed->empty();
    });
}

Result<SecretItems::Found> SecretItems::search(ItemKind kind, const std::string& id) {
    const Variant reply = TRY(bus_.call(
        service(), "SearchItems", g_variant_new("(@a{ss})", attributes_of(kind, id)), "(aoao)"));
    Found found{paths_of(reply.get(), 0), paths_of(reply.get(), 1)};
    if (found.open.size() + found.closed.size() > limits::kKeyringItems)
        return Error{Errc::KeyringFailed, "too many items in the keyring"};
    return found;
}

Result<std::vector<std::string>> SecretItems::closed_items() {
    std::vector<std::string> closed = TRY(search(ItemKind::Key, "")).closed;
    for (std::string& path : TRY(search(ItemKind::Bundle, "")).closed)
        closed.push_back(std::move(path));
    return closed;
}

Result<std::string> SecretItems::id_of(const std::string& path) {
    const Variant attributes =
        TRY(bus_.property({keyring_.owner, path, kItemInterface}, "Attributes", "a{ss}"));
    const char* id = nullptr;
    if (g_variant_lookup(attributes.get(), kIdAttribute, "&s", &id) == 0)
        return Error{Errc::KeyringFailed, "an item without its id"};
    return std::string(id);
}

Result<std::vector<KeyringItem>> SecretItems::contents_of(const std::vector<std::string>& paths) {
    std::vector<KeyringItem> items;
    if (paths.empty())
        return items;
    const Variant reply = TRY(bus_.call(
        service(), "GetSecrets", g_variant_new("(@aoo)", array_of(paths), keyring_.session.path()),
        "(a{o(oayays)})"));
    const Variant secrets(g_variant_get_child_value(reply.get(), 0));
    std::map<std::string, SecretBuffer> contents;
    GVariantIter iterator;
    g_variant_iter_init(&iterator, secrets.get());
    while (GVariant* raw = g_variant_iter_next_value(&iterator)) {
        const Variant entry(raw);
        const Variant secret(g_variant_get_child_value(raw, 1));
        contents[path_of(raw, 0)] = TRY(keyring_.session.decode(secret.get()));
    }
    for (const std::string& path : paths) {
        KeyringItem item;
        item.id = TRY(id_of(path));
        item.content = std::move(contents[path]);
        items.push_back(std::move(item));
    }
    return items;
}

Result<std::vector<KeyringItem>> SecretItems::read(ItemKind kind) {
    for (bool again = false;; again = true) {
        const Found found = TRY(search(kind, ""));
        std::vector<KeyringItem> items;
        if (found.closed.empty())
            items = TRY(contents_of(found.open));
        const bool all_given = std::all_of(items.begin(), items.end(), is_given);
        if (found.closed.empty() && !items.empty() && all_given)
            return items;
        // A locked keyring may show nothing, and KWallet then gives an empty secret.
        if (TRY(is_locked()))
            return Errc::StoreLocked;
        if (!found.closed.empty())
            return Errc::KeyringAsks;
        // It may have been locked for a moment. What is still empty was lost.
        if (again || items.empty())
            return items;
    }
}

// Handles the prompt that a keyring may show for a change.
Result<void> SecretItems::finish(const std::string& prompt) {
    if (prompt == kNoObject)
        return {};
    KeyringPrompt standing{loop_, bus_, keyring_.owner};
    const KeyringPrompt::End end =
        TRY(standing.stand(prompt, SteadyClock::now() + limits::kKeyringDeadline));
    if (end.dismissed)
        return Errc::KeyringAsks;
    return {};
}

Result<void> SecretItems::write(ItemKind kind, const std::string& id, const SecretBuffer& content) {
    const Variant secret = TRY(keyring_.session.encode(content));
    const Found before = TRY(search(kind, id));
    if (!before.closed.empty())
        return TRY(is_locked()) ? Errc::StoreLocked : Errc::KeyringAsks;
    // A copy of the database may be open as well: which one is it?
    if (before.open.size() > 1)
        return Error{Errc::KeyringFailed, "two items of one id"};
    // KeePassXC never completes a CreateItem that replaces an item of another connection.
    if (!before.open.empty()) {
        TRY(bus_.call({keyring_.owner, before.open.front(), kItemInterface}, "SetSecret",
                      g_variant_new("(@(oayays))", secret.get()), "()"));
        return {};
    }
    const Variant reply = TRY(bus_.call(
        collection(), "CreateItem",
        g_variant_new("(@a{sv}@(oayays)b)", properties_of(kind, id), secret.get(), TRUE), "(oo)"));
    return finish(path_of(reply.get(), 1));
}

Result<void> SecretItems::remove(ItemKind kind, const std::string& id) {
    const Found found = TRY(search(kind, id));
    std::vector<std::string> all = found.open;
    all.insert(all.end(), found.closed.begin(), found.closed.end());
    for (const std::string& path : all) {
        const Variant reply =
            TRY(bus_.call({keyring_.owner, path, kItemInterface}, "Delete", nullptr, "(o)"));
        TRY(finish(path_of(reply.get(), 0)));
    }
    return {};
}

}  // namespace patd::keyring
