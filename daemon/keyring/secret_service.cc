// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/secret_service.h"

#include "common/base/limits.h"
#include "common/base/names.h"
#include "common/base/unique_fd.h"
#include "daemon/keyring/secret_items.h"
#include "daemon/keyring/secret_names.h"
#include "daemon/keyring/write_out.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace patd::keyring {
namespace {

using store::ItemKind;
using store::KeyringItem;
using SteadyClock = GlibLoop::SteadyClock;

const KeyringItem* find_given(const std::vector<KeyringItem>& items, const std::string& id) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const KeyringItem& item) {
        return item.id == id && !item.content.empty();
    });
    return found == items.end() ? nullptr : &*found;
}

// Whether every item that has content has the same in both.
bool agree(const std::vector<KeyringItem>& first, const std::vector<KeyringItem>& second) {
    return std::any_of(first.begin(), first.end(), [&](const KeyringItem& item) {
        const KeyringItem* other = find_given(second, item.id);
        return other != nullptr && SecretSession::is_same(item.content, other->content);
    });
}

bool are_all_empty(const std::vector<KeyringItem>& items) {
    return std::all_of(items.begin(), items.end(),
                       [](const KeyringItem& item) { return item.content.empty(); });
}

}  // namespace

// Finds the keyring and keeps it open. Everything below `run` runs on the loop's thread.
class SecretServiceKeyring::Worker {
  public:
    explicit Worker(UniqueFd changes) : changes_(std::move(changes)) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        loop_.run([this] {
            forget();
            appearance_ = {};
            bus_.close();
            return true;
        });
    }

    template <typename Job>
    auto run(Job job) -> decltype(job()) {
        return loop_.run([&] {
            begin();
            return job();
        });
    }

    Result<void> open(Prompt prompt);
    Result<void> check();
    // Access to an open keyring. StoreLocked: none is open.
    Result<SecretItems> items();
    // StoreLocked while it is locked.
    Result<SecretItems> unlocked_items();
    Result<std::vector<KeyringItem>> read(ItemKind kind);
    Result<void> write(ItemKind kind, const std::string& id, const SecretBuffer& content);
    Result<void> remove(ItemKind kind, const std::string& id);
    bool writes_later() const { return writes_later_; }
    int changes() const { return changes_.get(); }
    void give_up() { loop_.give_up(); }

  private:
    void begin() { loop_.set_deadline(SteadyClock::now() + limits::kKeyringDeadline); }
    void note_change() {
        const std::uint64_t one = 1;
        (void)!::write(changes_.get(), &one, sizeof one);
    }
    void forget();
    Result<void> connect();
    Result<void> find_keyring();
    Result<void> find_collection();
    Result<std::vector<KeyringItem>> read_once(ItemKind kind);
    Result<bool> write_once(ItemKind kind, const std::string& id, const SecretBuffer& content);
    Result<void> renew_session();
    Result<void> open_items(SecretItems& items, Prompt prompt);
    Result<void> write_out();

    UniqueFd changes_;
    GlibLoop loop_;
    SessionBus bus_{loop_};
    std::optional<OpenKeyring> keyring_;
    bool is_proven_ = false;               // something came through this session unchanged
    SessionBus::Subscription appearance_;  // of any keyring
    SessionBus::Subscription signals_;     // of the open one
    std::atomic<bool> writes_later_{false};
};

void SecretServiceKeyring::Worker::forget() {
    signals_ = {};
    keyring_.reset();
    is_proven_ = false;
}

// The owner of the name may change at any time, even before there is a keyring at all.
Result<void> SecretServiceKeyring::Worker::connect() {
    if (bus_.is_connected())
        return {};
    forget();
    appearance_ = {};
    TRY(bus_.connect());
    appearance_ = bus_.watch(names::kSecretService, [this](GVariant*) { note_change(); });
    return {};
}

Result<void> SecretServiceKeyring::Worker::find_keyring() {
    const Result<std::string> owner = bus_.find_owner(names::kSecretService);
    if (!owner || (keyring_ && keyring_->owner != *owner))
        forget();
    TRY(owner);
    if (keyring_)
        return {};
    SecretSession session = TRY(SecretSession::open(loop_, *owner));
    keyring_.emplace(OpenKeyring{*owner, std::move(session), ""});
    signals_ = bus_.subscribe({*owner, "", nullptr}, nullptr, [this](GVariant*) { note_change(); });
    return {};
}

Result<void> SecretServiceKeyring::Worker::find_collection() {
    keyring_->collection.clear();
    const Variant reply = TRY(bus_.call({keyring_->owner, kServicePath, kServiceInterface},
                                        "ReadAlias", g_variant_new("(s)", "default"), "(o)"));
    const char* path = nullptr;
    g_variant_get(reply.get(), "(&o)", &path);
    if (path == std::string_view(kNoObject))
        return Errc::NoDefaultKeyring;
    keyring_->collection = path;
    return {};
}

Result<SecretItems> SecretServiceKeyring::Worker::items() {
    if (!keyring_ || keyring_->collection.empty())
        return Errc::StoreLocked;
    return SecretItems(loop_, bus_, *keyring_);
}

// KeePassXC answers a search in a locked keyring with a prompt of its own.
Result<SecretItems> SecretServiceKeyring::Worker::unlocked_items() {
    SecretItems items = TRY(this->items());
    if (TRY(items.is_locked()))
        return Errc::StoreLocked;
    return items;
}

Result<void> SecretServiceKeyring::Worker::open(Prompt prompt) {
    TRY(connect());
    TRY(find_keyring());
    TRY(find_collection());
    SecretItems items = TRY(this->items());
    if (TRY(items.is_locked())) {
        if (prompt == Prompt::Never)
            return Errc::StoreLocked;
        TRY(items.unlock_collection());
        // The prompt's own result does not count.
        if (TRY(items.is_locked()))
            return Errc::StoreLocked;
    }
    return open_items(items, prompt);
}

// KeePassXC shows an item only to the client that made it, until its user allows others.
Result<void> SecretServiceKeyring::Worker::open_items(SecretItems& items, Prompt prompt) {
    const std::vector<std::string> closed = TRY(items.closed_items());
    if (closed.empty())
        return {};
    if (prompt == Prompt::Never)
        return Errc::KeyringAsks;
    TRY(items.unlock_items(closed));
    if (TRY(items.closed_items()).empty())
        return {};
    return TRY(items.is_locked()) ? Errc::StoreLocked : Errc::KeyringAsks;
}

Result<void> SecretServiceKeyring::Worker::check() {
    TRY(items());
    if (TRY(bus_.find_owner(names::kSecretService)) != keyring_->owner)
        return Error{Errc::KeyringFailed, "the keyring was started anew"};
    TRY(unlocked_items());
    return {};
}

// About one session in a hundred with KWallet has two different keys: QCA drops a leading zero of
// the shared secret. The next session is another throw of the dice.
Result<void> SecretServiceKeyring::Worker::renew_session() {
    forget();
    return open(Prompt::Never);
}

// With a wrong key a secret decodes by chance once in 256: when its padding comes out right. Each
// time it then decodes to something else, since each reply is encrypted afresh.
Result<std::vector<KeyringItem>> SecretServiceKeyring::Worker::read_once(ItemKind kind) {
    SecretItems items = TRY(unlocked_items());
    std::vector<KeyringItem> found = TRY(items.read(kind));
    if (is_proven_ || are_all_empty(found))
        return found;
    if (!agree(found, TRY(items.read(kind))))
        return Error{Errc::KeyringFailed, "the keyring gives something else each time"};
    is_proven_ = true;
    return found;
}

Result<std::vector<KeyringItem>> SecretServiceKeyring::Worker::read(ItemKind kind) {
    Result<std::vector<KeyringItem>> found = read_once(kind);
    if (found || is_proven_ || found.error().code != Errc::KeyringFailed)
        return found;
    TRY(renew_session());
    return read_once(kind);
}

// False: the keyring now has something else.
Result<bool> SecretServiceKeyring::Worker::write_once(ItemKind kind, const std::string& id,
                                                      const SecretBuffer& content) {
    SecretItems items = TRY(unlocked_items());
    TRY(items.write(kind, id, content));
    if (is_proven_)
        return true;
    const std::vector<KeyringItem> found = TRY(items.read(kind));
    const KeyringItem* item = find_given(found, id);
    is_proven_ = item != nullptr && SecretSession::is_same(item->content, content);
    return is_proven_;
}

Result<void> SecretServiceKeyring::Worker::write(ItemKind kind, const std::string& id,
                                                 const SecretBuffer& content) {
    const bool was_proven = is_proven_;
    Result<bool> written = write_once(kind, id, content);
    const bool failed = written ? !*written : written.error().code == Errc::KeyringFailed;
    if (failed && !was_proven) {
        TRY(renew_session());
        written = write_once(kind, id, content);
    }
    if (!TRY(std::move(written)))
        return Error{Errc::KeyringFailed, "the keyring gives something else back"};
    return write_out();
}

Result<void> SecretServiceKeyring::Worker::remove(ItemKind kind, const std::string& id) {
    SecretItems items = TRY(unlocked_items());
    TRY(items.remove(kind, id));
    return write_out();
}

// The label of a KWallet collection is its wallet's name.
Result<void> SecretServiceKeyring::Worker::write_out() {
    const Variant label = TRY(
        bus_.property({keyring_->owner, keyring_->collection, kCollectionInterface}, "Label", "s"));
    const char* wallet = g_variant_get_string(label.get(), nullptr);
    writes_later_ = TRY(keyring::write_out(bus_, keyring_->owner, wallet)) == Written::Later;
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

bool SecretServiceKeyring::writes_later() const {
    return worker_->writes_later();
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
