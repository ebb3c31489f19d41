// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/backup_file.h"

#include "common/base/hex.h"
#include "daemon/store/database/sqlite.h"
#include "daemon/store/keys/record_crypto.h"
#include "daemon/store/tokens/key_table.h"
#include "daemon/store/tokens/token_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace patd::store {
namespace {

constexpr std::size_t kChunkBytes = 65536;
constexpr char kStoreCopy[] = "backup-store.tmp";
constexpr char kAuditCopy[] = "backup-audit.tmp";
constexpr char kCountTokens[] = "SELECT count(*) FROM token";
constexpr char kCountTombstones[] = "SELECT count(*) FROM tombstone";
constexpr char kCountEvents[] = "SELECT count(*) FROM event";

Error file_error(std::string_view what) {
    return Error{Errc::Unavailable,
                 std::string(what) + ": " + std::generic_category().message(errno)};
}

// Tells keys apart, and nothing about any of them.
Result<std::string> key_id_of(const MasterKey& master) {
    const SecretBuffer id = TRY(derive_key(bytes_of(master.reveal()), "patd backup 1 key id"));
    return to_hex(bytes_of(id.reveal()).first(kKeyIdBytes));
}

Result<KeyedMac> backup_mac(const MasterKey& master) {
    const SecretBuffer key = TRY(derive_key(bytes_of(master.reveal()), "patd backup 1"));
    return KeyedMac::create(bytes_of(key.reveal()));
}

// A MAC over a stream: each chunk together with the MAC of everything before.
class Chain {
  public:
    explicit Chain(KeyedMac mac) : mac_(std::move(mac)) {}
    Result<void> add(std::span<const char> chunk) {
        sum_ = TRY(mac_.mac({sum_, bytes_of(chunk)}));
        return {};
    }
    const Digest& sum() const { return sum_; }

  private:
    KeyedMac mac_;
    Digest sum_{};
};

Result<void> write_all(int fd, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return file_error("writing a file");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

// As many bytes as there are, up to the size of `bytes`.
Result<std::size_t> read_some(int fd, std::span<char> bytes) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = read(fd, bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return file_error("reading a file");
        if (count == 0)
            break;
        filled += static_cast<std::size_t>(count);
    }
    return filled;
}

// A descriptor that waits for another process could block this thread for ever.
Result<void> check_regular(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return Errc::BadSink;
    return {};
}

Result<UniqueFd> open_copy(const StateDirectory& directory, const char* name, int flags) {
    UniqueFd fd(open(directory.path_of(name).c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!fd)
        return file_error(directory.path_of(name));
    return fd;
}

Result<void> remove_with_logs(const StateDirectory& directory, const std::string& name) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        TRY(directory.remove_file(name + suffix));
    return {};
}

// A copy of a database, removed with the object.
class Copy {
  public:
    Copy(const StateDirectory& directory, const char* name) : directory_(directory), name_(name) {}
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy() { (void)remove_with_logs(directory_, name_); }

    Result<Connection> fill(const char* source_name) {
        TRY(remove_with_logs(directory_, name_));
        TRY(directory_.make_file(name_));
        Connection source = TRY(Connection::open(directory_.path_of(source_name)));
        TRY(source.set_checkpoint_on_close(false));
        Connection target = TRY(Connection::open(directory_.path_of(name_)));
        TRY(target.copy_from(source));
        return target;
    }
    Result<std::uint64_t> size() const { return TRY(directory_.size_of(name_)).value_or(0); }
    // Appends it to `fd`. No connection to it may be open.
    Result<void> append_to(int fd, Chain& chain) const {
        const UniqueFd file = TRY(open_copy(directory_, name_, O_RDONLY));
        std::vector<char> chunk(kChunkBytes);
        while (true) {
            const std::size_t size = TRY(read_some(file.get(), chunk));
            if (size == 0)
                return {};
            const std::span<const char> bytes(chunk.data(), size);
            TRY(chain.add(bytes));
            TRY(write_all(fd, bytes));
        }
    }

  private:
    const StateDirectory& directory_;
    const char* name_;
};

Result<std::uint64_t> count(Connection& connection, const char* sql) {
    Query query = TRY(connection.query(sql));
    TRY(query.step());
    return static_cast<std::uint64_t>(query.integer(0));
}

Result<void> fill_copies(Copy& store, Copy& audit, const MasterKey& master, Manifest& manifest) {
    {
        Connection copy = TRY(store.fill("store.db"));
        // A backup that nobody can open is not a backup.
        TRY(open_keys(copy, master));
        manifest.tokens = TRY(count(copy, kCountTokens));
        manifest.tombstones = TRY(count(copy, kCountTombstones));
    }
    {
        Connection copy = TRY(audit.fill("audit.db"));
        manifest.events = TRY(count(copy, kCountEvents));
    }
    manifest.store_bytes = TRY(store.size());
    manifest.audit_bytes = TRY(audit.size());
    return {};
}

Result<Manifest> read_manifest(int fd, const std::string& own_key_id, Chain& chain) {
    std::string text;
    char byte{};
    while (!text.ends_with("\n\n") && text.size() < kManifestBytes) {
        if (TRY(read_some(fd, {&byte, 1})) == 0)
            return Errc::InvalidBackup;
        text += byte;
        // Before a part of some other file is read as a long line.
        if (text.size() == kManifestFirstLine.size() && text != kManifestFirstLine)
            return Errc::InvalidBackup;
    }
    TRY(chain.add(text));
    return parse_manifest(text, own_key_id);
}

// Copies `bytes` of `fd` to `to`, or nowhere if that is -1.
Result<void> read_part(int fd, std::uint64_t bytes, int to, Chain& chain) {
    std::vector<char> chunk(kChunkBytes);
    while (bytes > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kChunkBytes));
        if (TRY(read_some(fd, std::span(chunk).first(wanted))) != wanted)
            return Errc::InvalidBackup;
        const std::span<const char> read(chunk.data(), wanted);
        TRY(chain.add(read));
        if (to >= 0)
            TRY(write_all(to, read));
        bytes -= wanted;
    }
    return {};
}

Result<void> check_sum(int fd, const Chain& chain) {
    std::array<char, sizeof(Digest) + 1> bytes{};
    const std::size_t size = TRY(read_some(fd, bytes));
    const std::span<const char> sum = std::span<const char>(bytes).first(sizeof(Digest));
    if (size != sizeof(Digest) || !constant_time_equal(Bytes(chain.sum()), bytes_of(sum)))
        return Errc::InvalidBackup;
    return {};
}

Result<Manifest> unpack(const StateDirectory& directory, const MasterKey& master, int fd) {
    Chain chain(TRY(backup_mac(master)));
    const Manifest manifest = TRY(read_manifest(fd, TRY(key_id_of(master)), chain));
    TRY(remove_restored(directory));
    TRY(directory.make_file(kRestoredName));
    {
        const UniqueFd file = TRY(open_copy(directory, kRestoredName, O_WRONLY));
        TRY(read_part(fd, manifest.store_bytes, file.get(), chain));
    }
    TRY(read_part(fd, manifest.audit_bytes, -1, chain));
    TRY(check_sum(fd, chain));
    return manifest;
}

}  // namespace

Result<Manifest> write_backup(const std::string& path, const MasterKey& master, UnixTime now,
                              int fd) {
    TRY(check_regular(fd));
    const StateDirectory directory = TRY(StateDirectory::open(path));
    Copy store(directory, kStoreCopy);
    Copy audit(directory, kAuditCopy);
    Manifest manifest;
    manifest.made = std::max<UnixTime>(now, 0);  // a clock that is not set
    manifest.schema = kSchemaVersion;
    TRY(fill_copies(store, audit, master, manifest));
    Chain chain(TRY(backup_mac(master)));
    const std::string text = format_manifest(manifest, TRY(key_id_of(master)));
    TRY(chain.add(text));
    TRY(write_all(fd, text));
    TRY(store.append_to(fd, chain));
    TRY(audit.append_to(fd, chain));
    const Digest& sum = chain.sum();
    TRY(write_all(fd, {reinterpret_cast<const char*>(sum.data()), sum.size()}));
    return manifest;
}

Result<Manifest> read_backup(const StateDirectory& directory, const MasterKey& master, int fd) {
    TRY(check_regular(fd));
    Result<Manifest> manifest = unpack(directory, master, fd);
    if (!manifest)
        (void)remove_restored(directory);
    return manifest;
}

Result<void> remove_restored(const StateDirectory& directory) {
    return remove_with_logs(directory, kRestoredName);
}

Result<void> remove_copies(const StateDirectory& directory) {
    for (const char* name : {kStoreCopy, kAuditCopy, kRestoredName})
        TRY(remove_with_logs(directory, name));
    return {};
}

}  // namespace patd::store
