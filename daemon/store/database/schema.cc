// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/database/schema.h"

#include <array>
#include <cstring>

namespace patd::store {
namespace {

// The database header, https://www.sqlite.org/fileformat.html section 1.3. Numbers are big-endian.
constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::uint32_t kPageBytes = 4096;
constexpr std::size_t kPageSizeOffset = 16;
constexpr std::size_t kFormatsOffset = 18;  // write and read version, reserved space
constexpr std::size_t kEncodingOffset = 56;
constexpr std::size_t kUserVersionOffset = 60;
constexpr std::size_t kApplicationIdOffset = 68;
constexpr std::array<std::uint8_t, 3> kWalFormats{2, 2, 0};
constexpr std::uint32_t kUtf8 = 1;

constexpr char kNewFileSettings[] = "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8';";
constexpr char kUseWal[] = "PRAGMA journal_mode = WAL;";
constexpr char kSelectSchema[] = "SELECT name, sql FROM sqlite_schema ORDER BY rowid";

using Header = std::array<std::uint8_t, kHeaderBytes>;

std::uint32_t number_at(const Header& header, std::size_t offset) {
    return (std::uint32_t{header[offset]} << 24) | (std::uint32_t{header[offset + 1]} << 16) |
           (std::uint32_t{header[offset + 2]} << 8) | std::uint32_t{header[offset + 3]};
}

Error corrupt(const std::string& path, const std::string& why) {
    return Error{Errc::Corrupt, path + ": " + why};
}

// The schema of that version, among those that this one came from.
const Schema* find_version(const Schema& schema, std::uint32_t version) {
    const Schema* found = &schema;
    while (found != nullptr && found->version != version)
        found = found->before;
    return found;
}

Result<void> check_header(const StateDirectory& directory, const Schema& schema,
                          const std::string& name) {
    const std::string path = directory.path_of(name);
    Header header{};
    if (TRY(directory.read_start(name, header)) != kHeaderBytes)
        return corrupt(path, "shorter than a header");
    if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) {
        // The power may have gone while the first page was written back from the WAL, which still
        // has it then: SQLite reads it there, or finds no database either.
        if (TRY(directory.size_of(name + "-wal")).value_or(0) > 0)
            return {};
        return corrupt(path, "not an SQLite database");
    }
    if (number_at(header, kApplicationIdOffset) != schema.application_id)
        return corrupt(path, "made by another program");
    const std::uint32_t version = number_at(header, kUserVersionOffset);
    if (version > schema.version)
        return corrupt(path, "made by a newer version");
    if (find_version(schema, version) == nullptr)
        return corrupt(path, "unknown schema version");
    const bool known_form =
        (number_at(header, kPageSizeOffset) >> 16) == kPageBytes &&
        std::memcmp(&header[kFormatsOffset], kWalFormats.data(), kWalFormats.size()) == 0 &&
        number_at(header, kEncodingOffset) == kUtf8;
    if (!known_form)
        return corrupt(path, "unknown page size, journal mode or encoding");
    return {};
}

// A file that ends inside a page was truncated, unless a WAL is there to write that page again.
Result<void> check_length(const StateDirectory& directory, const std::string& name) {
    const std::uint64_t size = TRY(directory.size_of(name)).value_or(0);
    const std::uint64_t wal_size = TRY(directory.size_of(name + "-wal")).value_or(0);
    if (size % kPageBytes != 0 && wal_size == 0)
        return corrupt(directory.path_of(name), "cut inside a page");
    return {};
}

Result<void> check_objects(Connection& connection, const Schema& schema) {
    Query query = TRY(connection.query(kSelectSchema));
    for (const SchemaObject& object : schema.objects) {
        if (!TRY(query.step()) || query.text(0) != object.name || query.text(1) != object.sql)
            return Error{Errc::Corrupt, "a table or index is missing or altered"};
    }
    if (TRY(query.step()))
        return Error{Errc::Corrupt, "a table, index, trigger or view too many"};
    return {};
}

Result<void> build(Connection& connection, const Schema& schema, const DatabaseFile& file) {
    TRY(connection.execute(kNewFileSettings));
    {
        Transaction transaction = TRY(Transaction::begin_write(connection));
        TRY(connection.execute(schema.numbers));
        for (const SchemaObject& object : schema.objects)
            TRY(connection.execute(object.sql));
        if (file.fill)
            TRY(file.fill(connection));
        TRY(transaction.commit());
    }
    return connection.execute(kUseWal);
}

constexpr char kSelectVersion[] = "PRAGMA user_version";
constexpr char kSelectApplication[] = "PRAGMA application_id";

// All or nothing: readers see the old version or the new one.
Result<void> upgrade(Connection& connection, const Schema& schema, const DatabaseFile& file,
                     const Schema& old) {
    TRY(check_objects(connection, old));
    Transaction transaction = TRY(Transaction::begin_write(connection));
    TRY(file.upgrade(connection, old.version));
    TRY(connection.execute(schema.numbers));
    return transaction.commit();
}

// The version that the database has including its WAL; the file's own header may be older.
Result<const Schema*> find_schema(Connection& connection, const Schema& schema) {
    Query query = TRY(connection.query(kSelectVersion));
    TRY(query.step());
    const Schema* found = find_version(schema, static_cast<std::uint32_t>(query.integer(0)));
    if (found == nullptr)
        return Error{Errc::Corrupt, "unknown schema version"};
    return found;
}

// As it is in effect, which may be in the WAL.
Result<void> check_application(Connection& connection, const Schema& schema,
                               const std::string& path) {
    Query query = TRY(connection.query(kSelectApplication));
    TRY(query.step());
    if (static_cast<std::uint32_t>(query.integer(0)) != schema.application_id)
        return corrupt(path, "made by another program");
    return {};
}

Result<void> remove_all_of(const StateDirectory& directory, const std::string& name) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        TRY(directory.remove_file(name + suffix));
    return {};
}

Result<void> create(const StateDirectory& directory, const Schema& schema,
                    const DatabaseFile& file) {
    // SQLite would replay it into the new file.
    if (TRY(directory.size_of(file.name + "-wal")))
        return corrupt(directory.path_of(file.name), "missing, but its WAL is there");
    const std::string unfinished = file.name + ".new";
    TRY(remove_all_of(directory, unfinished));
    TRY(directory.make_file(unfinished));
    {
        Connection connection = TRY(Connection::open(directory.path_of(unfinished)));
        TRY(build(connection, schema, file));
    }
    return directory.publish_file(unfinished, file.name);
}

Result<void> check_files(const StateDirectory& directory, const std::string& name) {
    for (const char* suffix : {"-wal", "-shm"})
        TRY(directory.size_of(name + suffix));
    // A rollback journal, which SQLite would replay, never belongs to a database in WAL mode.
    if (TRY(directory.size_of(name + "-journal")))
        return corrupt(directory.path_of(name), "a foreign journal beside it");
    return {};
}

}  // namespace

Result<Connection> open_database(const StateDirectory& directory, const Schema& schema,
                                 const DatabaseFile& file) {
    const std::string path = directory.path_of(file.name);
    TRY(check_files(directory, file.name));
    if (!TRY(directory.size_of(file.name))) {
        if (!file.create)
            return Error{Errc::Unavailable, path + " is missing"};
        TRY(create(directory, schema, file));
    }
    TRY(check_header(directory, schema, file.name));
    TRY(check_length(directory, file.name));
    Connection connection = TRY(Connection::open_writable(path));
    TRY(connection.set_checkpoint_on_close(false));
    TRY(check_application(connection, schema, path));
    const Schema& found = *TRY(find_schema(connection, schema));
    if (&found != &schema && file.upgrade)
        TRY(upgrade(connection, schema, file, found));
    const Result<void> checked = check_objects(connection, schema);
    if (!checked)
        return Error{checked.error().code, path + ": " + checked.error().context};
    return connection;
}

}  // namespace patd::store
